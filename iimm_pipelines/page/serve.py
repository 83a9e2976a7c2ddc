"""The server of the page: one process on loopback.

Here: how it listens, and what it does not write down.
Not here: the application (page/app), TLS (a proxy before it: docs/page.md).
"""

from __future__ import annotations

from contextlib import closing

import uvicorn

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.work.follow import following

LOOPBACK = "127.0.0.1"


def serve(holding: Holding) -> None:
    """Serve the page until somebody ends it. Addresses hold what people search for: no line is written for a request.

    Beside it, what was decided anywhere is brought into the index (work/follow).
    """
    with following(holding), closing(Originals(holding)) as originals:
        uvicorn.run(app(holding, originals=originals), host=LOOPBACK, port=holding.settings.page_port,
                    access_log=False, log_level="warning", server_header=False, date_header=True, proxy_headers=False,
                    ws="websockets-sansio", lifespan="off")  # fmt: skip
