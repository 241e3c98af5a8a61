"""An index in Redis 7 or 8, for many machines: redis://…, with TLS rediss://…; the address names user and base.

Every key of a namespace carries its tag, so that a cluster keeps them on one node:

| provenance:{NAMESPACE}: | type | what |
|---|---|---|
| meta | hash | header, mark, generation, manifest, next number, first number of the tail |
| ids | hash | id: number, a colon, digest |
| docs | hash | number: record |
| tail, dead | lists | packed keys of the documents added last; of those removed |
| run:N | hash | number of a block: block |
| lock | string | who is rewriting runs, for a minute at most |

What writes is one script, so it is done wholly or not at all, also in the append-only file; scripts get values,
and values are never run. A lookup is sent in one piece. The mark is drawn when a namespace begins: a server that
came back empty has none, and is not written to as if nothing had happened.
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from provenance.errors import SettingsError, StoreError
from provenance.stores import Change, Entry, Snapshot, State, Status, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONNECT, ANSWER = 0.8, 1.8  # seconds that the server has
CONNECTIONS = 32  # of one process
LEASE = 60_000  # milliseconds that one writer has for rewriting runs before another may
ORPHANED = 3_600  # seconds after which the blocks of a rewriting that came to no end are dropped
AT_ONCE = 1_000  # blocks that are sent together
_NAMESPACE = re.compile(r"[A-Za-z0-9_.:@/-]{1,200}")

# The first line makes the server look at its memory and its role before a script begins, not within it.
_SHEBANG = "#!lua\n"
_CHECK = """
local mark = redis.call('HGET', KEYS[1], 'mark')
if not mark then return redis.error_reply('GONE') end
if mark ~= ARGV[1] then return redis.error_reply('OTHER') end
"""
_BEGIN = """
if redis.call('HEXISTS', KEYS[1], 'header') == 0 then
  if ARGV[1] == '' then return {'', ''} end
  redis.call('DEL', unpack(KEYS))
  redis.call('HSET', KEYS[1], 'header', ARGV[1], 'mark', ARGV[2], 'generation', ARGV[3],
             'next', '1', 'upto', '1', 'manifest', '')
end
return redis.call('HMGET', KEYS[1], 'header', 'mark')
"""
# For each entry: id, digest, record, keys, number of the document it replaces, note of that document. A script is
# not undone where it fails: so everything that may be foreign is looked at before anything is written.
_WRITE = (
    _SHEBANG
    + _CHECK
    + """
local call = redis.call
local kinds = {'hash', 'hash', 'hash', 'list', 'list'}
for place, key in ipairs(KEYS) do
  local kind = call('TYPE', key).ok
  if kind ~= 'none' and kind ~= kinds[place] then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. kind)
  end
end
local number = tonumber(call('HGET', KEYS[1], 'next'))
if not number then return redis.error_reply('WRONGTYPE the next number is none') end
local first, now, todo, given = number, {}, {}, {}
for at = 2, #ARGV, 6 do
  local id, digest, record, old = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4]
  local held = now[id] or call('HGET', KEYS[2], id) or ''
  local has, known = string.match(held, '^(%d+):(.*)$')
  if held ~= '' and not has then return redis.error_reply('WRONGTYPE the number of an id is none') end
  local status, own = '', has or '0'
  if old ~= own then
    if old ~= '0' or record == '' then
      if has then status = 'changed' else status = 'absent' end
    elseif known == digest then status = 'known' else status = 'conflict' end
  elseif record == '' and not has then
    status = 'absent'
  else
    if has then todo[#todo + 1] = {'-', id, has, ARGV[at + 5]} end
    now[id] = ''
    if record == '' then
      status = 'removed'
    else
      if has then status = 'replaced' else status = 'added' end
      own = string.format('%d', number)
      number = number + 1
      now[id] = own .. ':' .. digest
      todo[#todo + 1] = {'+', id, own, record, ARGV[at + 3], now[id]}
    end
  end
  given[#given + 1] = status
  given[#given + 1] = own
end
for _, one in ipairs(todo) do
  if one[1] == '-' then
    call('HDEL', KEYS[2], one[2])
    call('HDEL', KEYS[3], one[3])
    call('RPUSH', KEYS[5], one[4])
  else
    call('HSET', KEYS[2], one[2], one[6])
    call('HSET', KEYS[3], one[3], one[4])
    call('RPUSH', KEYS[4], one[5])
  end
end
if number ~= first then call('HSET', KEYS[1], 'next', string.format('%d', number)) end
return given
"""
)
# KEYS: meta, tail, dead, new blocks, where they go, runs that go.
# ARGV: mark, generation, manifest, upto, how many dead were seen, those of them that stay.
_SWAP = (
    _SHEBANG
    + _CHECK
    + """
local call = redis.call
if call('HGET', KEYS[1], 'generation') ~= ARGV[2] then return 0 end
local trimmed = tonumber(ARGV[4]) - tonumber(call('HGET', KEYS[1], 'upto'))
for at = 6, #KEYS do call('UNLINK', KEYS[at]) end
if call('EXISTS', KEYS[4]) == 1 then
  call('RENAME', KEYS[4], KEYS[5])
  call('PERSIST', KEYS[5])
end
if trimmed > 0 then call('LTRIM', KEYS[2], trimmed, -1) end
local later = call('LRANGE', KEYS[3], tonumber(ARGV[5]), -1)
call('DEL', KEYS[3])
for at = 6, #ARGV do call('RPUSH', KEYS[3], ARGV[at]) end
for _, value in ipairs(later) do call('RPUSH', KEYS[3], value) end
call('HSET', KEYS[1], 'manifest', ARGV[3], 'upto', ARGV[4])
call('HINCRBY', KEYS[1], 'generation', 1)
return 1
"""
)
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


# What an error means, by its kind and how it begins; the first that fits.
_MEANINGS: tuple[tuple[type[Exception], str, str], ...] = (
    (redis.exceptions.OutOfMemoryError, "", "the server is out of memory; nothing was written"),
    (redis.exceptions.ReadOnlyError, "", "the server only reads; nothing was written"),
    (redis.AuthenticationError, "", "the server does not know this user and password"),
    (redis.exceptions.NoPermissionError, "", "the server does not let this user do that"),
    (redis.ResponseError, "GONE", "the index is gone: the server came back empty, or someone deleted it"),
    (redis.ResponseError, "MISCONF", "the server cannot save; nothing was written"),
    (redis.ResponseError, "WRONGTYPE", "a key of the index holds a foreign value"),
    (redis.ResponseError, "MOVED", "the address is a node of a cluster that does not hold this namespace"),
    (redis.exceptions.MaxConnectionsError, "", "all connections of this process are in use"),
    (redis.TimeoutError, "", f"the server did not answer within {ANSWER} s"),
    (redis.ConnectionError, "", "the server cannot be reached"),
    (TypeError, "", "a key of the index holds a foreign value"),
    (ValueError, "", "a key of the index holds a foreign value"),
)


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
        try:
            pool = redis.BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=ANSWER,
                socket_connect_timeout=CONNECT,
                socket_timeout=ANSWER,
                # A connection that idled through a restart fails once: no news. Writing again is harmless.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            )
        except ValueError as error:
            raise SettingsError(f"{self._shown} is no address of a Redis server: {error}") from error
        self._redis: Any = redis.Redis(connection_pool=pool)  # typed for every protocol and both colours at once
        self._scripts = {
            name: self._redis.register_script(code)
            for name, code in (("begin", _BEGIN), ("write", _WRITE), ("swap", _SWAP), ("unlock", _UNLOCK))
        }

    # --- the contract -------------------------------------------------------------------------------------

    def begin(self, header: bytes) -> bytes:
        """Give the header of the namespace, which may begin with this one."""
        with self._errors():
            self._refuse_eviction()
            keys = [self._key(name) for name in ("meta", "ids", "docs", "tail", "dead")]
            # A generation begins at random: a namespace that began again is never taken for what it was.
            arguments: list[bytes | str | int] = [header, secrets.token_hex(16), secrets.randbits(40)]
            self._header, self._mark = (value or b"" for value in self._scripts["begin"](keys, arguments))
            return self._header

    def write(self, entries: Sequence[Entry]) -> list[tuple[Status, int]]:
        """Write all entries in one transaction."""
        if not entries:
            return []
        keys = [self._key(name) for name in ("meta", "ids", "docs", "tail", "dead")]
        arguments: list[bytes | int] = []
        for one in entries:
            arguments += (one.id, one.digest, one.record, one.keys, one.old, one.dead)
        with self._errors():
            given = self._marked("write", keys, arguments)
            return [(status.decode(), int(own)) for status, own in zip(given[::2], given[1::2], strict=True)]

    def read(self, state: State, wanted: Mapping[int, Sequence[int]]) -> Snapshot:
        """Give what changed since `state`, and blocks by run."""
        with self._errors():
            if state.generation != self._base[0]:
                return self._begun()
            # No transaction, which a server short of memory refuses even to readers: the runs are those of the
            # generation where it is the same before and after, and the tail is read up to the first look.
            pipe = self._redis.pipeline(transaction=False)
            pipe.hmget(self._key("meta"), "mark", "generation", "next")
            pipe.lrange(self._key("tail"), state.next - self._base[1], -1)
            pipe.lrange(self._key("dead"), state.dead, -1)
            for run, numbers in wanted.items():
                if len(numbers):
                    pipe.hmget(self._key(f"run:{run}"), [b"%d" % number for number in numbers])
            pipe.hget(self._key("meta"), "generation")
            (mark, generation, following), tail, dead, *values, after = pipe.execute()
            if mark != self._mark or int(generation) != state.generation or after != generation:
                return self._begun()
            tail = tail[: max(0, int(following) - state.next)]
            blocks = [value or b"" for found in values for value in found]
            return Snapshot(state.generation, b"", int(following), tail, dead, blocks)

    def documents(self, wanted: Sequence[int | bytes]) -> list[tuple[int, bytes] | None]:
        """Give numbers and records by number or id."""
        with self._errors():
            names = [one for one in wanted if isinstance(one, bytes)]
            held = dict(zip(names, self._redis.hmget(self._key("ids"), names) if names else (), strict=True))
            numbers = [one if isinstance(one, int) else _number(held[one]) for one in wanted]
            records = self._redis.hmget(self._key("docs"), list(map(str, numbers))) if numbers else []
            rows = zip(numbers, records, strict=True)
            return [None if record is None else (number, record) for number, record in rows]

    def swap(self, change: Change) -> bool:
        """Put runs in place of others, unless that was done."""
        token = secrets.token_hex(8)
        fresh = self._key(f"run:{change.run}:{token}")
        lock = self._key("lock")
        with self._errors():
            if not self._redis.set(lock, token, nx=True, px=LEASE):
                return False
            try:
                self._put(fresh, iter(change.blocks))
                keys = [
                    self._key("meta"),
                    self._key("tail"),
                    self._key("dead"),
                    fresh,
                    self._key(f"run:{change.run}"),
                ]
                keys += [self._key(f"run:{run}") for run in change.gone]
                arguments = [
                    change.state.generation,
                    change.manifest(),
                    change.upto,
                    change.state.dead,
                    *change.dead,
                ]
                return bool(self._marked("swap", keys, arguments))
            finally:
                self._redis.unlink(fresh)
                self._scripts["unlock"]([lock], [token])

    def compact(self) -> None:
        """Give back what the server's memory has in pieces, where it can."""
        with self._errors():
            self._redis.memory_purge()

    def figures(self) -> Mapping[str, int]:
        """Give the number of documents, and the bytes held."""
        with self._errors():
            names = [key.decode() for key in self._redis.scan_iter(match=f"{self._prefix}*", count=1_000)]
            sizes = [(self._redis.memory_usage(name, samples=1_000) or 0) for name in names]
            return {"documents": self._redis.hlen(self._key("ids")), "bytes": sum(sizes)}

    def close(self) -> None:
        """Let go of the store."""
        self._redis.close()
        self._redis.connection_pool.disconnect()

    # --- how ----------------------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _marked(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run a script that checks the mark; a namespace that began anew with our header is taken for it."""
        for _ in range(2):
            try:
                return self._scripts[name](keys, [self._mark, *arguments])
            except redis.ResponseError as error:
                if str(error) != "OTHER":
                    raise
                self._begun()
        raise StoreError(f"{self._shown}: the index is being begun anew again and again")

    def _begun(self) -> Snapshot:
        """See what there is, from its beginning; raise StoreError where it is gone, or another."""
        names = ("header", "mark", "generation", "next", "upto", "manifest")
        header, mark, generation, following, upto, manifest = self._redis.hmget(self._key("meta"), names)
        if mark is None:
            raise redis.ResponseError("GONE")
        if header != self._header:
            raise StoreError(f"{self._shown}: another index is in the place of this one; open it anew")
        self._mark, self._base = mark, (int(generation), int(upto))
        return Snapshot(int(generation), manifest, int(following))

    def _put(self, key: str, blocks: Iterator[tuple[int, bytes]]) -> None:
        """Send blocks, and let them go by themselves should this come to no end."""
        while some := dict(islice(blocks, AT_ONCE)):
            pipe = self._redis.pipeline(transaction=False)
            pipe.hset(key, mapping=some)
            pipe.expire(key, ORPHANED)
            pipe.execute()

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
            raise StoreError(f"{self._shown}: {_told(error)}") from error


def _number(held: bytes | None) -> int:
    """Give the number of an id; 0 for one that is not there."""
    return int(held.partition(b":")[0]) if held else 0


def _told(error: Exception) -> str:
    text = str(error).strip()[:200]
    for kind, beginning, meaning in _MEANINGS:
        if isinstance(error, kind) and text.startswith(beginning):
            return meaning if text == beginning else f"{meaning} ({text})"
    return text


def open_store(url: str, namespace: str, *, create: bool = True) -> RedisStore:  # noqa: ARG001 (a server is there, or not)
    """Open the namespace at redis://… or rediss://…; the server is first spoken to by `begin`."""
    return RedisStore(url, namespace)
