"""All of the operator's pages, behind one guard."""

from fastapi import APIRouter, Depends, FastAPI

from web.auth.door import Door
from web.auth.secrets import Sealer
from web.operator import (
    account,
    ahead,
    assets,
    audit,
    edition,
    editions,
    enter,
    figures,
    findings,
    imports,
    letters,
    new_series,
    operators,
    plan,
    preview,
    reader,
    readers,
    schedule,
    second_factor,
    series_form,
    settings,
    signing_in,
    slots,
    suppressions,
    today,
    welcome,
)
from web.operator.desk import Desk
from web.operator.guard import add_refusals, guard
from web.operator.inspector import Inspector
from web.operator.posts import actions, editor, listing, looks, pictures, revisions, sending, telling
from web.site import WebSite

_PAGES = (
    signing_in, welcome, enter, today, schedule, plan, preview, new_series, slots, findings, listing, sending, pictures,
    looks, revisions, telling, actions, editor, editions, edition, letters, ahead, readers, reader, imports,
    suppressions, figures, audit, operators, account, second_factor, settings, series_form,
)  # fmt: skip
SECOND_FACTOR = "second factor"
"""The purpose of the key that seals the secrets of authenticator apps."""


def add_operator(app: FastAPI, site: WebSite) -> None:
    sealer = Sealer(site.tokens.key(SECOND_FACTOR))
    desk = Desk(site, Door(site.store, site.passwords, sealer, site.machine), Inspector(site.addresses.site_url))
    router = APIRouter(prefix="/operator", dependencies=[Depends(guard(desk))])
    for module in _PAGES:
        router.include_router(module.routes(desk))
    app.include_router(router)
    app.include_router(assets.routes(site), prefix="/operator")
    add_refusals(app, desk)
