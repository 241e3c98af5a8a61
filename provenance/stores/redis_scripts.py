"""What the Redis store does in the server: scripts, each done wholly or not at all.

Every key of a namespace is named to its script. A script is not undone where it fails: so everything that may be
foreign is looked at before anything is written. The first line of those that write makes the server look at its
memory and its role before they begin, not within.

The lists `tail` and `dead` hold, before each value, `STAMP` bytes that were drawn for the write: 0xFF and seven at
random. Whoever has read up to a value can say by its stamp whether that is still the one, and with it all before
it; a server that lost its last writes (a snapshot, `everysec`, a replica that took over) has others, or none.
"""

from __future__ import annotations

STAMP = 8  # bytes

SHEBANG = "#!lua\n"
SPARING = "#!lua flags=allow-oom\n"  # removals are let in where memory is short: they are how it is won back
_CHECK = """
local mark = redis.call('HGET', KEYS[1], 'mark')
if not mark then return redis.error_reply('GONE') end
if mark ~= ARGV[1] then return redis.error_reply('OTHER') end
"""
# KEYS: meta, and all that a namespace has beside. ARGV: header, mark, generation.
BEGIN = """
if redis.call('HEXISTS', KEYS[1], 'header') == 0 then
  if redis.call('EXISTS', unpack(KEYS)) > 0 then return redis.error_reply('HEADLESS') end
  if ARGV[1] == '' then return {'', ''} end
  redis.call('HSET', KEYS[1], 'header', ARGV[1], 'mark', ARGV[2], 'generation', ARGV[3],
             'next', '1', 'upto', '1', 'manifest', '')
end
return redis.call('HMGET', KEYS[1], 'header', 'mark')
"""
# KEYS: meta, ids, docs, tail, dead, said. ARGV: mark, the writer's place in `said`, a token of this write, its
# stamp, the least that the next number may be; then for each entry: id, digest, record, keys, number of the
# document it replaces, note of that document.
WRITE = (
    _CHECK
    + """
local call = redis.call
local kinds = {'hash', 'hash', 'hash', 'list', 'list', 'hash'}
for place, key in ipairs(KEYS) do
  local kind = call('TYPE', key).ok
  if kind ~= 'none' and kind ~= kinds[place] then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. kind)
  end
end
local said = call('HGET', KEYS[6], ARGV[2])
if said and string.sub(said, 1, #ARGV[3]) == ARGV[3] then return string.sub(said, #ARGV[3] + 1) end
local number = tonumber(call('HGET', KEYS[1], 'next'))
if not number then return redis.error_reply('WRONGTYPE the next number is none') end
if number < tonumber(ARGV[5]) then return redis.error_reply('LOST') end
local first, now, todo, given = number, {}, {}, {}
for at = 6, #ARGV, 6 do
  local id, digest, record, old = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4]
  local held = now[id] or call('HGET', KEYS[2], id) or ''
  local has, known = string.match(held, '^(%d+):(.*)$')
  if held ~= '' and not has then return redis.error_reply('WRONGTYPE the number of an id is none') end
  local status, own = '', has or '0'
  if old ~= own then
    if old ~= '0' or record == '' then
      if has then status = 'changed' else status = 'absent' end
    elseif known ~= digest then status = 'conflict'
    elseif now[id] or call('HEXISTS', KEYS[3], has) == 1 then status = 'known'
    else status = 'lost' end
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
    call('RPUSH', KEYS[5], ARGV[4] .. one[4])
  else
    call('HSET', KEYS[2], one[2], one[6])
    call('HSET', KEYS[3], one[3], one[4])
    call('RPUSH', KEYS[4], ARGV[4] .. one[5])
  end
end
if number ~= first then call('HSET', KEYS[1], 'next', string.format('%d', number)) end
local answer = table.concat(given, ' ')
if #todo > 0 then call('HSET', KEYS[6], ARGV[2], ARGV[3] .. answer) end
return answer
"""
)
# KEYS: meta, tail, dead, new blocks, where they go, runs that go.
# ARGV: mark, generation, the new one, manifest, upto, how many blocks there should be, number up to which the tail
# was seen and stamp of that document, how many dead were seen and stamp of the last, those of them that stay.
SWAP = (
    SHEBANG
    + _CHECK
    + """
local call = redis.call
local function stamped(key, place, stamp)
  if stamp == '' or place < 0 then return true end
  local value = call('LINDEX', key, place)
  return value and string.sub(value, 1, #stamp) == stamp
end
if call('HGET', KEYS[1], 'generation') ~= ARGV[2] then return 0 end
local upto = tonumber(call('HGET', KEYS[1], 'upto'))
if not stamped(KEYS[2], tonumber(ARGV[7]) - 1 - upto, ARGV[8]) then return 0 end
if not stamped(KEYS[3], tonumber(ARGV[9]) - 1, ARGV[10]) then return 0 end
if tonumber(call('HGET', KEYS[1], 'next')) < tonumber(ARGV[7]) then return 0 end
if call('HLEN', KEYS[4]) ~= tonumber(ARGV[6]) then return redis.error_reply('TORN') end
for at = 6, #KEYS do call('UNLINK', KEYS[at]) end
if ARGV[6] ~= '0' then call('RENAME', KEYS[4], KEYS[5]) end
local trimmed = tonumber(ARGV[5]) - upto
if trimmed > 0 then call('LTRIM', KEYS[2], trimmed, -1) end
local later = call('LRANGE', KEYS[3], tonumber(ARGV[9]), -1)
call('DEL', KEYS[3])
for at = 11, #ARGV do call('RPUSH', KEYS[3], ARGV[at]) end
for _, value in ipairs(later) do call('RPUSH', KEYS[3], value) end
call('HSET', KEYS[1], 'manifest', ARGV[4], 'upto', ARGV[5], 'generation', ARGV[3])
call('HDEL', KEYS[1], 'making')
return 1
"""
)
# Gives a namespace whose server lost its last writes another generation, so that every reader begins anew.
# KEYS: meta. ARGV: mark, generation, the new one.
RENEW = (
    _CHECK
    + """
if redis.call('HGET', KEYS[1], 'generation') == ARGV[2] then
  redis.call('HSET', KEYS[1], 'generation', ARGV[3])
end
return 1
"""
)
UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def unstamped(value: bytes) -> tuple[bytes, bytes]:
    """Give stamp and value of a list's item; those of before there were stamps have none (b"")."""
    return (value[:STAMP], value[STAMP:]) if value[:1] == b"\xff" else (b"", value)
