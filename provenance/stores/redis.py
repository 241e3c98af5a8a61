"""An index in Redis 7 or 8, for many machines: redis://…, with TLS rediss://…; the address names user and base.

Every key of a namespace carries its tag, so that a cluster keeps them on one node:

| provenance:{NAMESPACE}: | type | what |
|---|---|---|
| meta | hash | header, mark, generation, manifest, next number, first number of the tail |
| ids | hash | id: number, a colon, digest |
| docs | hash | number: record |
| tail, dead | lists | packed keys of the documents added last; of those removed; each behind a stamp |
| said | hash | place of a writer: its last write, and what it was answered |
| run:N | hash | number of a block: block |
| lock | string | who is rewriting runs, for a minute at most |

What writes is one script, so it is done wholly or not at all, also in the append-only file; scripts get values,
and values are never run. A lookup is sent in one piece.

Three things are drawn at random, so that no state can be taken for another. The mark, when a namespace begins: a
server that came back empty has none, and is not written to as if nothing had happened. The generation, when runs
change. A stamp, with each write: by those of the last values that it saw a reader knows whether they are still
there (`provenance.stores.redis_scripts`). A server that lost its last writes is so found out by whoever had seen
them; it is said once, and the namespace gets another generation, so that everybody reads it from its beginning.
No key but the lock expires: nothing of an index is ever the server's to drop.
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import redis
from redis.exceptions import RedisError

from provenance.errors import SettingsError, StoreError
from provenance.stores import Change, Entry, Snapshot, State, Status, redis_scripts, shown
from provenance.stores.postings import manifest_of
from provenance.stores.redis_link import connected, told
from provenance.stores.redis_scripts import STAMP, unstamped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LEASE = 60_000  # milliseconds that one writer has for rewriting runs before another may
AT_ONCE = 1_000  # blocks that are sent together
WRITERS = 1_024  # places of `said`
_NAMESPACE = re.compile(r"[A-Za-z0-9_.:@/-]{1,200}")

# Said once to a reader or writer who had seen more.
_LOST = (
    "the server lost what it had acknowledged (it came back with an older state): the index has fewer documents "
    "than it had. The next call goes on with what is there"
)
_ANEW = (
    "the index was emptied and begun anew by another: what it held is gone. The next call goes on with the new one"
)
_EVERY = ("meta", "ids", "docs", "tail", "dead", "said")


class RedisStore:
    """An IndexStore in a Redis server; threads may share one."""

    block = 24  # postings: what a lookup fetches for nothing, against what a field costs

    def __init__(self, url: str, namespace: str) -> None:
        if not _NAMESPACE.fullmatch(namespace):
            raise SettingsError(f"a namespace in Redis is of letters, digits and _.:@/-, not {namespace!r}")
        self._shown = shown(url)
        self._prefix = f"provenance:{{{namespace}}}:"
        self._mark = b""
        self._header = b""
        self._base = (-1, 1)  # generation, and the first number of its tail
        self._least = 1  # that the next number may be: it was so before
        self._writer = secrets.randbelow(WRITERS)
        self._redis = connected(url)
        scripts = {
            "begin": redis_scripts.BEGIN,
            "write": redis_scripts.SHEBANG + redis_scripts.WRITE,
            "remove": redis_scripts.SPARING + redis_scripts.WRITE,
            "swap": redis_scripts.SWAP,
            "renew": redis_scripts.RENEW,
            "unlock": redis_scripts.UNLOCK,
        }
        self._scripts = {name: self._redis.register_script(code) for name, code in scripts.items()}

    # --- the contract -------------------------------------------------------------------------------------

    def begin(self, header: bytes) -> bytes:
        """Give the header of the namespace, which may begin with this one."""
        with self._errors():
            self._refuse_eviction()
            arguments: list[bytes | str | int] = [header, secrets.token_hex(16), _generation()]
            given = self._scripts["begin"]([self._key(name) for name in _EVERY], arguments)
            self._header, self._mark = (value or b"" for value in given)
            self._base, self._least = (-1, 1), 1
            return self._header

    def write(self, entries: Sequence[Entry]) -> list[tuple[Status, int]]:
        """Write all entries in one transaction."""
        if not entries:
            return []
        token, stamp = secrets.token_bytes(16), b"\xff" + secrets.token_bytes(STAMP - 1)
        arguments: list[bytes | int] = [self._writer, token, stamp, self._least]
        for one in entries:
            arguments += (one.id, one.digest, one.record, one.keys, one.old, one.dead)
        name = "write" if any(one.record for one in entries) else "remove"
        with self._errors():
            words = self._marked(name, [self._key(one) for one in _EVERY], arguments).decode().split()
            given = [(status, int(own)) for status, own in zip(words[::2], words[1::2], strict=True)]
        self._least = max([self._least, *(own + 1 for status, own in given if status in ("added", "replaced"))])
        return given

    def read(self, state: State, wanted: Mapping[int, Sequence[int]]) -> Snapshot:
        """Give what changed since `state`, and blocks by run."""
        with self._errors():
            if state.generation != self._base[0]:
                return self._begun()
            # No transaction, which a server short of memory refuses even to readers: the runs are those of the
            # generation where it is the same before and after, and the tail is read up to the first look.
            before = [int(bool(_stamp(stamp))) for stamp in _stamps(state)]
            pipe = self._redis.pipeline(transaction=False)
            pipe.hmget(self._key("meta"), "mark", "generation", "next")
            pipe.lrange(self._key("tail"), state.next - self._base[1] - before[0], -1)
            pipe.lrange(self._key("dead"), state.dead - before[1], -1)
            for run, numbers in wanted.items():
                if len(numbers):
                    pipe.hmget(self._key(f"run:{run}"), [b"%d" % number for number in numbers])
            pipe.hget(self._key("meta"), "generation")
            (mark, generation, following), tail, dead, *values, after = pipe.execute()
            if mark != self._mark or int(generation) != state.generation or after != generation:
                return self._begun()
            blocks = [value or b"" for found in values for value in found]
            return self._since(state, int(following), (tail, dead), blocks)

    def _since(
        self, state: State, following: int, lists: Sequence[list[bytes]], blocks: Sequence[bytes]
    ) -> Snapshot:
        """Give a snapshot, where the lists begin with what the reader saw last of them; raise StoreError else."""
        fresh, proof = [], b""
        for rows, stamp in zip(lists, _stamps(state), strict=True):
            if following < state.next or (_stamp(stamp) and (not rows or rows[0][:STAMP] != stamp)):
                self._renewed(state.generation)
            fresh.append([unstamped(row) for row in rows[bool(_stamp(stamp)) :]])
        fresh[0] = fresh[0][: following - state.next]  # what came after the first look is for the next
        for pairs, stamp in zip(fresh, _stamps(state), strict=True):
            proof += (pairs[-1][0] if pairs else stamp).ljust(STAMP, b"\0")
        self._least = max(self._least, following)
        keys, gone = ([value for _, value in pairs] for pairs in fresh)
        return Snapshot(state.generation, b"", following, keys, gone, blocks, proof)

    def documents(self, wanted: Sequence[int | bytes]) -> list[tuple[int, bytes] | None]:
        """Give numbers and records by number or id."""
        with self._errors():
            names = [one for one in wanted if isinstance(one, bytes)]
            held = dict(zip(names, self._ours("ids", names), strict=True)) if names else {}
            numbers = [one if isinstance(one, int) else _number(held[one]) for one in wanted]
            rows = zip(wanted, numbers, self._ours("docs", [b"%d" % one for one in numbers]), strict=True)
            return [
                (number, record or b"") if record is not None or (number and isinstance(one, bytes)) else None
                for one, number, record in rows
            ]

    def names(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Give all ids, with numbers and digests; one that is written meanwhile may come twice."""
        with self._errors():
            for name, held in self._redis.hscan_iter(self._key("ids"), count=AT_ONCE):
                number, _, digest = held.partition(b":")
                yield name, int(number), digest

    def swap(self, change: Change) -> bool:
        """Put runs in place of others, unless that was done."""
        token = secrets.token_hex(8)
        fresh, lock, meta = self._key(f"run:{change.run}:{token}"), self._key("lock"), self._key("meta")
        with self._errors():
            self._refuse_eviction()
            if not self._redis.set(lock, token, nx=True, px=LEASE):
                return False
            try:
                if orphan := self._redis.hget(meta, "making"):
                    self._redis.unlink(orphan)  # another's, that came to no end
                self._redis.hset(meta, "making", fresh)
                count = self._put(fresh, iter(change.blocks))
                gone = self._runs() - {change.run} if change.gone is None else change.gone
                names = ("tail", "dead", f"run:{change.run}:{token}", f"run:{change.run}")
                keys = [meta, *map(self._key, names), *(self._key(f"run:{run}") for run in gone)]
                state = change.state
                arguments = [state.generation, _generation(), change.manifest(), change.upto, count]
                tail, dead = map(_stamp, _stamps(state))
                arguments += [state.next, tail, state.dead, dead]
                return bool(self._marked("swap", keys, [*arguments, *change.dead]))
            finally:
                self._redis.unlink(fresh)
                self._scripts["unlock"]([lock], [token])

    def compact(self) -> None:
        """Give back what the server's memory has in pieces, where it can and this user may."""
        with self._errors(), suppress(redis.exceptions.NoPermissionError):
            self._redis.memory_purge()

    def figures(self) -> Mapping[str, int]:
        """Give the number of documents, and the bytes held, if this user may know."""
        with self._errors():
            pipe = self._redis.pipeline(transaction=False)
            pipe.hlen(self._key("ids"))
            pipe.hget(self._key("meta"), "manifest")
            documents, manifest = pipe.execute()
            for name in (*_EVERY, *(f"run:{run.id}" for run in manifest_of(manifest or b"").runs)):
                pipe.memory_usage(self._key(name), samples=1_000)
            try:
                return {"documents": documents, "bytes": sum(size or 0 for size in pipe.execute())}
            except redis.exceptions.NoPermissionError:
                return {"documents": documents}

    def close(self) -> None:
        """Let go of the store."""
        self._redis.close()
        self._redis.connection_pool.disconnect()

    # --- how ----------------------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _marked(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run a script that checks the mark."""
        try:
            return self._scripts[name](keys, [self._mark, *arguments])
        except redis.ResponseError as error:
            if str(error) not in ("OTHER", "LOST"):
                raise
        self._begun()  # which sees why, unless another thread did before
        raise StoreError(f"{self._shown}: {_LOST}")

    def _ours(self, name: str, fields: Sequence[bytes]) -> list[bytes | None]:
        """Give fields of a hash of a namespace that has our mark."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.hget(self._key("meta"), "mark")
        if fields:
            pipe.hmget(self._key(name), fields)
        mark, *given = pipe.execute()
        if mark != self._mark:
            self._begun()
        return given[0] if given else []

    def _begun(self) -> Snapshot:
        """See what there is, from its beginning; raise StoreError where it is gone, another, or less."""
        names = ("header", "mark", "generation", "next", "upto", "manifest")
        header, mark, generation, following, upto, manifest = self._redis.hmget(self._key("meta"), names)
        if mark is None:
            raise redis.ResponseError("GONE")
        if header != self._header:
            raise StoreError(f"{self._shown}: another index is in the place of this one; open it anew")
        anew, least = mark != self._mark, self._least
        self._mark, self._base, self._least = mark, (int(generation), int(upto)), int(following)
        if anew:
            raise StoreError(f"{self._shown}: {_ANEW}")
        if int(following) < least:
            self._renewed(int(generation))
        return Snapshot(int(generation), manifest, int(following))

    def _renewed(self, generation: int) -> NoReturn:
        """Give the namespace another generation, for what was seen of this one is gone; and say so."""
        self._scripts["renew"]([self._key("meta")], [self._mark, generation, _generation()])
        self._base, self._least = (-1, 1), 1
        raise StoreError(f"{self._shown}: {_LOST}")

    def _runs(self) -> set[int]:
        """Give the numbers of all runs that there are, whatever the manifest says, from the server's keys."""
        pattern = re.compile(re.escape(self._key("run:")).encode() + rb"(\d+)")
        escaped = re.sub(r"([*?\[\]\\])", r"\\\1", self._key("run:"))
        found = map(pattern.fullmatch, self._redis.scan_iter(match=f"{escaped}*", count=1_000))
        return {int(one[1]) for one in found if one}

    def _put(self, key: str, blocks: Iterator[tuple[int, bytes]]) -> int:
        """Send blocks, and give their number."""
        count = 0
        while some := dict(islice(blocks, AT_ONCE)):
            self._redis.hset(key, mapping=some)
            count += len(some)
        return count

    def _refuse_eviction(self) -> None:
        """Refuse a server that drops what it likes when memory is short."""
        try:
            policy = str(self._redis.info("memory").get("maxmemory_policy", ""))
        except redis.exceptions.NoPermissionError:
            return
        if policy.startswith("allkeys"):
            raise SettingsError(f"{self._shown} drops keys when memory is short (maxmemory-policy {policy})")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what went wrong in our words, with the server's address."""
        try:
            yield
        except (RedisError, OSError, TypeError, ValueError) as error:
            raise StoreError(f"{self._shown}: {told(error)}") from error


def _number(held: bytes | None) -> int:
    """Give the number of an id; 0 for one that is not there."""
    return int(held.partition(b":")[0]) if held else 0


def _generation() -> int:
    """Draw what no generation was before."""
    return secrets.randbits(48)


def _stamps(state: State) -> tuple[bytes, bytes]:
    """Give the stamps of the last of the tail and of the dead that a reader saw, padded with zeros."""
    return state.proof[:STAMP], state.proof[STAMP:]


def _stamp(padded: bytes) -> bytes:
    return padded if padded.strip(b"\0") else b""


def open_store(url: str, namespace: str, *, create: bool = True) -> RedisStore:  # noqa: ARG001 (a server is there, or not)
    """Open the namespace at redis://… or rediss://…; the server is first spoken to by `begin`."""
    return RedisStore(url, namespace)
