"""Signing in by the organisation's login: the way there, and back.

Here: two answers, and the cookie that ties the way back to the browser that went.
Not here: what is asked of the provider and checked of what it says (people/organisation).
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from iimm_pipelines.page.answers import home
from iimm_pipelines.page.visit import SESSION_COOKIE, Visit, set_cookie
from iimm_pipelines.people.access_log import NOBODY, AccessEvent, What
from iimm_pipelines.people.accounts import SignInRefused
from iimm_pipelines.people.organisation import OrganisationUnavailable

_COOKIE = "iimm-organisation"


def go(visit: Visit) -> Response:
    """To the provider."""
    if visit.desk.organisation is None:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    try:
        address, browser = visit.desk.organisation.begin(visit.desk.clock())
    except OrganisationUnavailable:
        return visit.refusal(visit.w("organisation down"), HTTPStatus.SERVICE_UNAVAILABLE)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    # lax: another site, the provider, leads back
    answer.set_cookie(
        visit.desk.cookie(_COOKIE),
        browser,
        max_age=600,
        httponly=True,
        samesite="lax",
        secure=visit.desk.secure,
    )
    return answer


def back(visit: Visit) -> Response:
    """From the provider: begin a session, under a new id."""
    desk, now = visit.desk, visit.desk.clock()
    if desk.organisation is None:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    try:
        account = desk.organisation.end(
            visit.holding.accounts, visit.values, visit.cookies.get(desk.cookie(_COOKIE), ""), now
        )
    except SignInRefused:
        visit.holding.access_log.add(AccessEvent(NOBODY, What.REFUSED), now)
        return visit.page("sign_in.html", HTTPStatus.UNAUTHORIZED, why=visit.w("organisation refused"))
    except OrganisationUnavailable:
        return visit.refusal(visit.w("organisation down"), HTTPStatus.SERVICE_UNAVAILABLE)
    visit.holding.access_log.add(AccessEvent(account.name, What.SIGNED_IN), now)
    if visit.account is not None:
        desk.sessions.end(visit.browser)
    # A page and no redirect: a browser sends a strict cookie only where a page of ours leads.
    answer = visit.page("signed_in.html", to=home(account))
    session = desk.sessions.begin(account.name, account.generation, now, desk.organisation.longest)
    set_cookie(answer, desk.cookie(SESSION_COOKIE), session, desk.secure)
    answer.delete_cookie(desk.cookie(_COOKIE), httponly=True, samesite="lax", secure=desk.secure)
    return answer
