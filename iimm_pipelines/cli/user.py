"""`iimm user`: accounts of a holding, their roles, marks, passwords and second factors.

Here: the commands.
Not here: the rules (iimm_pipelines.people). A password is asked, or read from standard input, and never an argument:
those can be seen by everybody on the machine.
"""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table
from iimm_pipelines.people.accounts import Account, AccountRefused
from iimm_pipelines.people.rights import Role

app = typer.Typer(no_args_is_help=True, help="Accounts: who may do what here.")
Name = Annotated[str, typer.Argument(help="the account's name")]
By = Annotated[str | None, typer.Option("--by", help="who decides; else the name of whom this machine knows you as")]
Marks = Annotated[list[str] | None, typer.Option("--mark", help="an access mark that they hold; may be given again")]
RoleOption = Annotated[Role, typer.Option("--role", help="what they are here for")]


@app.command()
def add(name: Name, role: RoleOption, mark: Marks = None, by: By = None, data: Data = None) -> None:
    """Make an account. It signs in once it has a password: `iimm user password`."""
    with opened(data, begin=True) as holding:
        made = holding.accounts.add(name, role, mark or [], _who(by))
    _say(made)


@app.command("list")
def list_accounts(data: Data = None, as_json: AsJson = False) -> None:
    """All accounts with their roles and marks."""
    with opened(data) as holding:
        found = holding.accounts.all()
    if as_json:
        print_json([_plain(a) for a in found])
        return
    print_table("Accounts", ["name", "role", "marks", "password", "second factor", "state"],
                [[a.name, a.role, ", ".join(sorted(a.marks)), _yes(a.has_password), _yes(a.has_second_factor), _state(a)]
                 for a in found])  # fmt: skip


@app.command()
def marks(name: Name, mark: Annotated[list[str] | None, typer.Argument(help="all marks that they hold from now on")] = None,
          by: By = None, data: Data = None) -> None:  # fmt: skip
    """Give an account these marks in place of those it has; none takes all."""
    with opened(data) as holding:
        changed = holding.accounts.change_marks(name, mark or [], _who(by))
    _say(changed)


@app.command()
def role(name: Name, role: Annotated[Role, typer.Argument(help="what they are here for from now on")],
         by: By = None, data: Data = None) -> None:  # fmt: skip
    """Give an account another role."""
    with opened(data) as holding:
        changed = holding.accounts.change_role(name, role, _who(by))
    _say(changed)


@app.command()
def password(name: Name, by: By = None, data: Data = None) -> None:
    """Set a password: asked twice on a terminal, else the first line of standard input."""
    with opened(data) as holding:
        holding.accounts.get(name)
        holding.accounts.set_password(name, _asked(), _who(by))
    console.print(f"{name} has a new password")


@app.command("second-factor")
def second_factor(name: Name, by: By = None, data: Data = None) -> None:
    """Make a new second factor, and print once what an app for codes reads."""
    with opened(data) as holding:
        address = holding.accounts.new_second_factor(name, _who(by), holding.settings.holding)
    console.print("For an app for codes; it is not shown again:")
    console.print(address, soft_wrap=True, highlight=False)


@app.command()
def token(name: Name, days: Annotated[int, typer.Option("--days", help="how long it counts")] = 30, by: By = None,
          data: Data = None) -> None:  # fmt: skip
    """Make a token with which a program asks as this account, and print it once."""
    with opened(data) as holding:
        shown, made = holding.accounts.new_token(name, _who(by), days, datetime.now(UTC))
    console.print(f"Token {made.id} of {name}, until {_day(made.expires)}; it is not shown again:")
    console.print(shown, soft_wrap=True, highlight=False)


@app.command()
def tokens(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """The tokens of an account that count now, without the tokens themselves."""
    with opened(data) as holding:
        found = holding.accounts.tokens(name, datetime.now(UTC))
    if as_json:
        print_json([{"id": t.id, "made": _day(t.made), "until": _day(t.expires)} for t in found])
        return
    print_table(f"Tokens of {name}", ["id", "made", "until"], [[t.id, _day(t.made), _day(t.expires)] for t in found])


@app.command("revoke-token")
def revoke_token(name: Name, id: Annotated[str, typer.Argument(help="as `iimm user tokens` lists it")], by: By = None,
                 data: Data = None) -> None:  # fmt: skip
    """End a token before its time."""
    with opened(data) as holding:
        holding.accounts.revoke_token(name, id, _who(by))
    console.print(f"token {id} of {name} does not count any more")


@app.command()
def disable(name: Name, by: By = None, data: Data = None) -> None:
    """Let an account do nothing from now on. It stays, since records name it."""
    with opened(data) as holding:
        changed = holding.accounts.disable(name, _who(by))
    _say(changed)


@app.command()
def enable(name: Name, by: By = None, data: Data = None) -> None:
    """Let a disabled account work again."""
    with opened(data) as holding:
        changed = holding.accounts.enable(name, _who(by))
    _say(changed)


@app.command()
def unlock(name: Name, by: By = None, data: Data = None) -> None:
    """End the lock-out of an account before its time."""
    with opened(data) as holding:
        changed = holding.accounts.unlock(name, _who(by))
    _say(changed)


def _who(by: str | None) -> str:
    return by if by is not None else getpass.getuser()


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        raise AccountRefused("the two are not the same: nothing was changed")
    return first


def _say(account: Account) -> None:
    held = ", ".join(sorted(account.marks)) or "no marks"
    console.print(f"{account.name}: {account.role}, {held}, {_state(account)}")


def _state(account: Account) -> str:
    if account.disabled:
        return "disabled"
    return f"locked until {account.locked_until:%Y-%m-%dT%H:%M:%SZ}" if account.locked_until else "enabled"


def _plain(account: Account) -> dict[str, Any]:
    return {"name": account.name, "role": account.role, "marks": sorted(account.marks), "disabled": account.disabled,
            "password": account.has_password, "second_factor": account.has_second_factor,
            "locked_until": account.locked_until.isoformat() if account.locked_until else None}  # fmt: skip


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
