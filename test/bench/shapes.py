# SPDX-License-Identifier: PostgreSQL
"""The tables. Each is made once, in a database of its own, and every run gets a copy of that database."""
from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Table t, one column of which gets a new form."""
    name: str
    rows: int
    statements: tuple[str, ...]  # that make and load t; CREATE INDEX comes after the rows
    column: str
    new_type: str
    up: str  # the new value, from the columns of t
    operation: str = "alter_column"

    def migration(self) -> str:
        if self.operation == "alter_column":
            fields = {"table": "t", "column": self.column, "type": self.new_type, "up": self.up,
                      "down": f"{self.column}::integer"}
        else:
            fields = {"table": "t", "up": self.up, "column": {"name": "new_" + self.column, "type": self.new_type, "nullable": True}}
        return json.dumps({"operations": [{self.operation: fields}]})


_NARROW = """INSERT INTO t SELECT g, g % 100000, '2024-01-01Z'::timestamptz + g * interval '1 second',
  left(md5(g::text) || md5((-g)::text), 56) FROM generate_series(1, {rows}) g"""


def narrow(rows: int, name: str = "narrow") -> Shape:
    return Shape(name, rows, (
        "CREATE TABLE t (id bigint NOT NULL, amount integer NOT NULL, created timestamptz NOT NULL, note text NOT NULL)",
        _NARROW.format(rows=rows),
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "VACUUM (ANALYZE) t",
    ), "amount", "bigint", "amount::bigint")


def aged(rows: int) -> Shape:
    """Every fifth row has been updated, and nobody has vacuumed."""
    fresh = narrow(rows, "aged")
    return Shape(fresh.name, rows, (
        fresh.statements[0] + " WITH (fillfactor = 90)",
        *fresh.statements[1:],
        "UPDATE t SET created = created + interval '1 day' WHERE id % 5 = 0",
        "ANALYZE t",
    ), fresh.column, fresh.new_type, fresh.up)


def wide(rows: int) -> Shape:
    return Shape("wide", rows, (
        """CREATE TABLE t (id bigint NOT NULL, tenant integer NOT NULL, quantity integer NOT NULL, status text NOT NULL,
             price numeric(12, 2), created timestamptz NOT NULL, changed timestamptz, active boolean NOT NULL,
             reference uuid NOT NULL, name text NOT NULL, email text NOT NULL, payload jsonb NOT NULL)""",
        f"""INSERT INTO t SELECT g, g % 500, g % 1000, (ARRAY['new', 'paid', 'sent', 'done'])[1 + g % 4],
              (g % 100000) / 100.0, '2024-01-01Z'::timestamptz + g * interval '1 second', NULL, g % 3 = 0,
              md5(g::text)::uuid, 'customer ' || g, 'customer' || g || '@example.com',
              jsonb_build_object('color', g % 20, 'size', g % 50, 'tags', jsonb_build_array(g % 7, g % 11, g % 13),
                'source', 'channel ' || g % 100, 'note', repeat(md5((g % 2000)::text), 5), 'flags', jsonb_build_object('a', g % 2, 'b', g % 3))
              FROM generate_series(1, {rows}) g""",
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "CREATE INDEX ON t (tenant, created)",
        "CREATE INDEX ON t (email)",
        "CREATE INDEX ON t USING gin (payload)",
        "VACUUM (ANALYZE) t",
    ), "quantity", "bigint", "quantity::bigint")


def wide_value(rows: int) -> Shape:
    """The new value is as wide as the row, and the pages are full."""
    return Shape("wide_value", rows, (
        "CREATE TABLE t (id bigint NOT NULL, body text NOT NULL)",
        f"INSERT INTO t SELECT g, md5(g::text) || md5((-g)::text) || md5((g + 1)::text) FROM generate_series(1, {rows}) g",
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "VACUUM (ANALYZE) t",
    ), "body", "text", "upper(body)", "add_column")


def written(rows: int) -> Shape:
    """Empty; the trigger part writes so many rows."""
    empty = narrow(0, "written")
    return Shape(empty.name, rows, (*empty.statements[:-1], "CREATE INDEX ON t (created)"), empty.column, empty.new_type, empty.up)
