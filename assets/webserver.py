"""Dagster's webserver on a Unix socket, which no other account of the machine reaches: it has no login of its own.

Here: the webserver's own command with the one thing that it has no option for.
Not here: who may pass through to it (iimm_pipelines.page.dagster), what starts it (iimm_pipelines.page.dagster_servers).

    python -m assets.webserver SOCKET --path-prefix /dagster -w WORKSPACE [--read-only]
"""

import functools
import sys

import uvicorn
from dagster_webserver import cli


def main() -> None:
    """Serve; the arguments behind the socket are those of `dagster-webserver`."""
    socket, *arguments = sys.argv[1:]
    uvicorn.run = functools.partial(uvicorn.run, uds=socket)
    cli.cli(
        [*arguments, "--port", "1"]
    )  # no port is opened where there is a socket; without one it looks for a free one


if __name__ == "__main__":
    main()
