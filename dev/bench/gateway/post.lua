-- A Sync of 2 KiB whose device varies over 1,000.
local body = string.rep("\3\1\106\0", 512)
local headers = {
  ["Content-Type"] = "application/vnd.ms-sync.wbxml",
  ["MS-ASProtocolVersion"] = "16.1",
  ["X-MS-PolicyKey"] = "1234567890",
  ["User-Agent"] = "Apple-iPhone15C2/2201.52",
  ["Authorization"] = "Basic dXNlcjpwYXNz",
}
local number = 0

request = function()
  number = (number + 1) % 1000
  local query = string.format("Cmd=Sync&User=u%d&DeviceId=D%06d&DeviceType=iPhone", number, number)
  return wrk.format("POST", "/Microsoft-Server-ActiveSync?" .. query, headers, body)
end

-- The warm-up looks into each answer: a refusal has status 200 as well.
if os.getenv("CHECK") then
  response = function(status, _, answer)
    if status ~= 200 or not answer:find("^an answer of the size") then
      io.stderr:write("the answer is not that of the mail server\n")
      os.exit(1)
    end
  end
end

-- requests, seconds, p50 and p99 in microseconds, failures
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format("RESULT %d %.3f %d %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), failed))
end
