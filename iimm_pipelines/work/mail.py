"""Mail that says that there are alerts, and their ids; nothing else.

Here: who is told of which, and sending it to the one host that the operator names.
Not here: alerts (work/watching). A mail crosses machines that are not ours: no name, term, item or count of a list is in it.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.accounts import AccountUnknown
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.access import reader_of
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.visible import visible
from iimm_pipelines.settings import MailServer
from iimm_pipelines.work.record import Row
from iimm_pipelines.work.watching import lists, mailed, to_mail

PASSWORD = "IIMM_MAIL_PASSWORD"
_TIMEOUT_SECONDS = 30
_MOST_IDS = 100


def send(holding: Holding) -> int:
    """Send what is to be sent; gives how many mails. Where the host does not answer, the next round tries again."""
    server = holding.settings.mail
    waiting = to_mail(holding) if server is not None else []
    if server is None or not waiting:
        return 0
    try:
        told = {name: ids for name in server.to if (ids := _for(holding, name, waiting))}
        _send(server, told)
    except (OSError, smtplib.SMTPException, NodeError):
        return 0
    mailed(holding, waiting)
    return len(told)


def _for(holding: Holding, name: str, waiting: list[Row]) -> list[str]:
    """Ids of the alerts that somebody may see."""
    try:
        account = holding.accounts.get(name)
    except AccountUnknown:
        return []
    if not account.may(Right.OPEN):
        return []
    who = reader_of(holding, account, datetime.now(UTC))
    mine = {s.id for s in lists(holding, who)}
    asked = [r for r in waiting if r.body["list"] in mine]
    seen = visible(holding, who, [r.about for r in asked])
    return [r.id for r in asked if r.about in seen]


def _send(server: MailServer, told: dict[str, list[str]]) -> None:
    if not told:
        return
    trust = ssl.create_default_context()
    begin = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=trust) \
        if server.security == "tls" else smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)  # fmt: skip
    with begin as smtp:
        if server.security == "starttls":
            smtp.starttls(context=trust)
        if server.user is not None:
            smtp.login(server.user, os.environ.get(PASSWORD, ""))
        for name, ids in told.items():
            smtp.send_message(_message(server, server.to[name], ids))


def _message(server: MailServer, address: str, ids: list[str]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = server.sender, address, "Alerts"
    more = "" if len(ids) <= _MOST_IDS else "\nand others"
    message.set_content("New alerts:\n\n" + "\n".join(ids[:_MOST_IDS]) + more + "\n")
    return message
