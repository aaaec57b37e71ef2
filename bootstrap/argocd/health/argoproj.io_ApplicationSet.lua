-- Health of an ApplicationSet: healthy once every Application it generated is Synced and Healthy.
-- This is what holds the waves apart: the root waits for it before it applies the next wave.
-- Argo CD's sandbox opens only Lua's base and table libraries, so there is no string, io or math here.
hs = {}
hs.status = "Progressing"
hs.message = "Waiting for the ApplicationSet controller"

local st = obj.status
if st == nil then
  return hs
end

-- The ApplicationSet itself: an error in its generators or templates degrades it.
local upToDate = false
if st.conditions ~= nil then
  for _, c in ipairs(st.conditions) do
    if (c.type == "ErrorOccurred" and c.status == "True") or (c.type == "ResourcesUpToDate" and c.status == "False") then
      hs.status = "Degraded"
      hs.message = c.message
      return hs
    end
  end
  for _, c in ipairs(st.conditions) do
    if c.type == "RolloutProgressing" and c.status == "True" then
      hs.message = c.message
      return hs
    end
    if c.type == "ResourcesUpToDate" and c.status == "True" then
      upToDate = true
    end
  end
end
if not upToDate then
  return hs
end

-- The Applications that it generated.
local total = 0
local ready = 0
local waiting = nil
if st.resources ~= nil then
  for _, r in ipairs(st.resources) do
    total = total + 1
    local health = "Unknown"
    if r.health ~= nil and r.health.status ~= nil and r.health.status ~= "" then
      health = r.health.status
    end
    local sync = r.status
    if sync == nil or sync == "" then
      sync = "Unknown"
    end
    if health == "Healthy" and sync == "Synced" then
      ready = ready + 1
    elseif waiting == nil then
      waiting = r.name .. " (" .. sync .. ", " .. health .. ")"
    end
  end
end

-- No Application at all usually means that no cluster Secret carries the environment's label.
local mayBeEmpty = false
if obj.metadata ~= nil and obj.metadata.annotations ~= nil then
  mayBeEmpty = obj.metadata.annotations["c4ang.io/may-be-empty"] == "true"
end
if total == 0 and not mayBeEmpty then
  hs.message = "no Application generated: is the cluster Secret labelled c4ang.io/env?"
  return hs
end
-- The list may be cut; resourcesCount is the full number.
if st.resourcesCount ~= nil and total < st.resourcesCount then
  hs.message = tostring(total) .. " of " .. tostring(st.resourcesCount) .. " Applications listed in status.resources"
  return hs
end

if ready < total then
  hs.message = tostring(ready) .. " of " .. tostring(total) .. " Applications ready, waiting for " .. waiting
  return hs
end

hs.status = "Healthy"
hs.message = tostring(total) .. " Applications Synced and Healthy"
return hs
