"""Products that several tests share: one for each environment and session, with an account for each test.

    products.running()                               as it is out of the box
    products.running(MAX_UPLOAD_SIZE="20MB")         another one, started when it is first asked for

A test that kills, fills or reconfigures its product takes one of its own (tests/servers/product.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.servers.product import Account, Product, start_product

AT_ONCE = 20  # accounts that one process makes: it takes two seconds to start


class Products:
    """`new_folder` makes the folder of the next product. The session that has them calls `stop()`."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._running: dict[tuple[tuple[str, str], ...], Product] = {}

    def running(self, **environment: str) -> Product:
        key = tuple(sorted(environment.items()))
        if key not in self._running:
            self._running[key] = start_product(self._new_folder(), **environment)
        return self._running[key]

    def stop(self) -> None:
        for product in self._running.values():
            product.stop()


class Accounts:
    """New accounts of one product, made several at a time; each is given out once."""

    def __init__(self, product: Product, name: str = "person", *, quota: str = "none") -> None:
        self.product, self.name, self.quota = product, name, quota
        self._left: list[Account] = []
        self._made = 0

    def take(self) -> Account:
        if not self._left:
            emails = [f"{self.name}{self._made + number}@example.com" for number in range(AT_ONCE)]
            self._left = self.product.create_accounts(emails, quota=self.quota)
            self._made += AT_ONCE
        return self._left.pop(0)


class AccountsOf:
    """The `Accounts` of every product that asks."""

    def __init__(self) -> None:
        self._known: dict[int, Accounts] = {}

    def take(self, product: Product) -> Account:
        return self._known.setdefault(id(product), Accounts(product)).take()
