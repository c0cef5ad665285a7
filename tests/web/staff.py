"""People for tests of the operator's pages: owner Ada, editor Ed, viewer Vera, and a stranger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from db import operators
from db.states import Role
from tests.web.making import NOW, PASSWORDS, Shop

PASSWORD = "correct horse battery staple"
OURS = {"sec_fetch_site": "same-origin"}
FORM = {"content_type": "application/x-www-form-urlencoded"}


def an_operator(shop: Shop, email: str = "ada@example.org", role: Role = Role.owner, *, name: str = "Ada") -> int:
    with shop.store.writing() as session:
        return operators.add(session, email=email, name=name, role=role, password=PASSWORDS.hash(PASSWORD), now=NOW).id


@dataclass
class Browser:
    """Keeps cookies between requests, and follows no redirect."""

    shop: Shop
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.1"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._asked("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """A form as our own pages send it; `sec_fetch_site="…"` says otherwise."""
        return self._asked("POST", path, form or {}, OURS | FORM | headers)

    def send(
        self, path: str, form: Mapping[str, str], *files: tuple[str, str, bytes], **headers: str
    ) -> httpx.Response:
        """A form with files, each as field, name and bytes."""
        parts = [(field, (name, body)) for field, name, body in files]
        # One field without a file, so that it is encoded as a form with files in any case.
        request = httpx.Request("POST", "https://example.org", data=dict(form), files=[*parts, ("none", ("", b""))])
        encoded = {"content_type": request.headers["content-type"]}
        return self._asked("POST", path, request.read(), OURS | encoded | headers)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        return self.get(answer.headers["location"])

    def _asked(
        self, method: str, path: str, form: Mapping[str, str] | bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items() if value}
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = form if form is None or isinstance(form, bytes) else urlencode(form, doseq=True).encode()
        answer = self.shop.send(method, path, {**named, "cookie": jar}, body=body, client=self.address)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        if 'fascicle_operator=""' in answer.headers.get("set-cookie", ""):
            self.cookies.clear()
        return answer


def signed_in(shop: Shop, email: str = "ada@example.org") -> Browser:
    browser = Browser(shop)
    answer = browser.post("/operator/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def a_browser_of(shop: Shop, role: Role | None) -> Browser:
    """Of an operator with a role, signed in; of a stranger without one."""
    if role is None:
        return Browser(shop)
    an_operator(shop, f"{role}@example.org", role, name=role.title())
    return signed_in(shop, f"{role}@example.org")
