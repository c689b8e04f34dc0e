-- Attendant's hands inside FreeSWITCH: starts the media stream of each call and does what the bot says.
-- lua.conf.xml: <param name="startup-script" value="attendant.lua"/>; started once, serves all calls.
-- One of mod_audio_stream and mod_audio_fork is needed; see FREESWITCH.md.

local api = freeswitch.API()
local consumer = freeswitch.EventConsumer("CUSTOM", "mod_audio_stream::play")
for _, name in ipairs({ "mod_audio_stream::json", "mod_audio_stream::disconnect", "mod_audio_stream::error",
                        "mod_audio_fork::play_audio", "mod_audio_fork::kill_audio", "mod_audio_fork::transfer",
                        "mod_audio_fork::disconnect", "mod_audio_fork::connect_failed", "attendant::start" }) do
  consumer:bind("CUSTOM", name)
end
consumer:bind("DTMF")
consumer:bind("CHANNEL_HANGUP")

-- uuid of each call with the bot -> the module that carries it
local calls = {}

local function run(command, arguments)
  return api:execute(command, arguments)
end

local function variable(uuid, name)
  local value = run("uuid_getvar", uuid .. " " .. name)
  if value == nil or value == "_undef_" or value:sub(1, 4) == "-ERR" then return "" end
  return value
end

-- A text as a JSON string.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

-- The value of a string field in flat JSON.
local function field(json, name)
  local value = json:match('"' .. name .. '"%s*:%s*"(.-[^\\])"')
  return value and value:gsub("\\/", "/") or nil
end

local function command(module)
  return module == "fork" and "uuid_audio_fork" or "uuid_audio_stream"
end

-- The call goes on in the dialplan: a person, or, when the bot has broken, whoever is there.
local function to_person(uuid, number)
  local module = calls[uuid]
  calls[uuid] = nil
  run("uuid_break", uuid .. " all")
  -- A stream that has ended stays attached, and a second one would be refused.
  run(command(module), uuid .. " stop")
  run("uuid_setvar", uuid .. " attendant_number " .. (number or ""))
  run("uuid_transfer", uuid .. " attendant-person XML " .. variable(uuid, "attendant_context"))
end

local function start(uuid)
  local module = variable(uuid, "attendant_module")
  local url = variable(uuid, "attendant_url")
  local metadata = '{"call_id":' .. quoted(uuid) .. ',"from":' .. quoted(variable(uuid, "caller_id_number"))
    .. ',"sampleRate":8000}'
  calls[uuid] = module
  local answer = run(command(module), uuid .. " start " .. url .. " mono 8k " .. metadata)
  if answer == nil or answer:sub(1, 4) == "-ERR" then to_person(uuid) end
end

local function play(uuid, body)
  local file = field(body, "file")
  if file then run("uuid_broadcast", uuid .. " " .. file .. " aleg") end
end

local function message(uuid, kind, body)
  if kind == "killAudio" then
    run("uuid_break", uuid .. " all")
  elseif kind == "hangup" then
    calls[uuid] = nil
    run("uuid_kill", uuid .. " NORMAL_CLEARING")
  elseif kind == "transfer" then
    run("uuid_setvar", uuid .. " attendant_reason " .. (field(body, "reason") or ""))
    run("uuid_setvar", uuid .. " attendant_summary " .. (field(body, "summary") or ""))
    to_person(uuid, field(body, "number"))
  end
end

while true do
  local event = consumer:pop(1, 1000)
  if event then
    local uuid = event:getHeader("Unique-ID") or ""
    local name = event:getHeader("Event-Subclass") or event:getHeader("Event-Name") or ""
    local body = event:getBody() or ""
    if name == "attendant::start" then
      start(event:getHeader("Attendant-Call") or uuid)
    elseif calls[uuid] then
      if name == "DTMF" then
        local key = event:getHeader("DTMF-Digit") or ""
        run(command(calls[uuid]), uuid .. ' send_text {"event":"dtmf","dtmf":"' .. key .. '"}')
      elseif name == "CHANNEL_HANGUP" then
        calls[uuid] = nil
      elseif name == "mod_audio_stream::play" or name == "mod_audio_fork::play_audio" then
        play(uuid, body)
      elseif name == "mod_audio_stream::json" then
        message(uuid, field(body, "type"), body)
      elseif name == "mod_audio_fork::kill_audio" then
        message(uuid, "killAudio", body)
      elseif name == "mod_audio_fork::transfer" then
        message(uuid, "transfer", body)
      elseif name == "mod_audio_fork::disconnect" and body ~= "" and body ~= "null" then
        message(uuid, "hangup", body)
      elseif name == "mod_audio_fork::disconnect" or name == "mod_audio_fork::connect_failed"
        or name == "mod_audio_stream::disconnect" or name == "mod_audio_stream::error" then
        -- Without a word of the bot before: it is not there any more.
        to_person(uuid)
      end
    end
  end
end
