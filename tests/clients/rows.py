"""What is left in the database of a running product (SQLite), read from outside."""

import sqlite3

from tests.servers.product import Product


def count(product: Product, table: str, where: str = "1 = 1") -> int:
    database = product.data_dir / "db.sqlite3"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}").fetchone()[0])
    finally:
        connection.close()
