"""The command line `iimm`: one file for each noun.

Here: the application put together.
Not here: any work. Nothing here imports Dagster to search or to show a status: `run` and `up --ui` do, when called.
"""

from __future__ import annotations

import sys

import typer

from iimm_pipelines.cli import (
    access_log,
    accession,
    backup,
    catalogue,
    demo,
    doctor,
    duplicates,
    estimate,
    failures,
    figures,
    fixity,
    handwriting,
    hold,
    keys,
    lineage,
    members,
    models,
    original,
    page,
    receipt,
    request,
    run,
    sample,
    search,
    server,
    setup,
    source,
    status,
    tag,
    user,
    vault,
    verify,
    watch,
)
from iimm_pipelines.cli.terminal import faults, refusals

app = typer.Typer(
    name="iimm", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Evidence in, proof of every step out: intake, processing, search and lineage of one holding.",
)  # fmt: skip
app.add_typer(accession.app, name="accession")
app.add_typer(source.app, name="source")
app.add_typer(receipt.app, name="receipt")
app.add_typer(hold.app, name="hold")
app.add_typer(models.app, name="models")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(keys.app, name="keys")
app.add_typer(vault.app, name="vault")
app.add_typer(user.app, name="user")
app.add_typer(access_log.app, name="access-log")
app.add_typer(request.app, name="request")
app.add_typer(tag.app, name="tag")
app.add_typer(watch.app, name="watch")
app.command()(setup.setup)
app.command()(demo.demo)
app.command()(sample.sample)
app.command()(run.run)
app.command()(status.status)
app.command()(failures.failures)
app.command()(failures.retry)
app.command()(handwriting.handwriting)
app.command()(members.members)
app.command()(figures.figures)
app.command()(estimate.estimate)
app.command()(search.search)
app.command()(duplicates.duplicates)
app.command()(lineage.lineage)
app.command()(original.original)
app.command()(verify.verify)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(fixity.fixity)
app.command()(server.up)
app.command()(server.down)
app.command()(page.page)
app.command()(doctor.doctor)


def main() -> None:
    """Run the command line. 0: done; 1: done, and something is wrong; 2: refused, with what to do."""
    try:
        app()
    except refusals() as refused:
        _say(refused)
        sys.exit(2)
    except faults() as fault:
        _say(fault, "; `iimm verify` names every fault")
        sys.exit(1)


def _say(error: Exception, more: str = "") -> None:
    sys.stderr.write("iimm: " + " ".join(str(error).split()) + more + "\n")
