-- wrk's side of the measurements that are many small requests: the same for every server.
-- The environment says what to send (benchmarks/wrk.py):
--   BENCH_METHOD  BENCH_PATH  BENCH_HEADERS (a file of "Name: value" lines)  BENCH_BODY (a file, or empty)
--   BENCH_RANGE   bytes of the file out of which 64 KiB are asked for, at random, or empty
--   BENCH_REPORT  the file that gets the result
-- "@@@@@@@@@@@@" in path and body becomes a number of 12 digits that no other request has.
local MARK, RANGE = "@@@@@@@@@@@@", 65536
local started = 0
local threads = {}

function setup(thread)
  started = started + 1
  thread:set("id", started)
  table.insert(threads, thread)
end

local function read(name)
  local path = os.getenv(name)
  if not path or path == "" then return nil end
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function split(text)
  local pieces, from = {}, 1
  while true do
    local first, last = text:find(MARK, from, true)
    if not first then break end
    pieces[#pieces + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  pieces[#pieces + 1] = text:sub(from)
  return pieces
end

function init(args)
  method, headers, count = os.getenv("BENCH_METHOD"), {}, 0
  for line in (read("BENCH_HEADERS") or ""):gmatch("[^\r\n]+") do
    local name, value = line:match("^(.-):%s*(.*)$")
    headers[name] = value
  end
  path = split(os.getenv("BENCH_PATH"))
  local text = read("BENCH_BODY")
  body = text and split(text)
  size = tonumber(os.getenv("BENCH_RANGE") or "")
  math.randomseed(os.time() + id)
  fixed = #path == 1 and not body and not size and wrk.format(method, path[1], headers, nil)
end

function request()
  if fixed then return fixed end
  count = count + 1
  local unique = string.format("%02d%010d", id, count)
  if size then
    local offset = math.random(0, math.floor(size / RANGE) - 1) * RANGE
    headers["Range"] = string.format("bytes=%d-%d", offset, offset + RANGE - 1)
  end
  return wrk.format(method, table.concat(path, unique), headers, body and table.concat(body, unique))
end

-- No function named `response`: it would make wrk hand every answer to Lua. Its own counters know the statuses.
function done(summary, latency, requests)
  local errors = summary.errors
  local file = assert(io.open(os.getenv("BENCH_REPORT"), "w"))
  file:write(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "p99": %d}',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(99)))
  file:close()
end
