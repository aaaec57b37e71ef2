-- charts/istio/files/auth-error-response.lua: gives a refused call the error body that the services give.
-- Whatever answers 401 or 403 without JSON (the token check, the access rules, a proxy behind) gets {"code","message"}.

local MESSAGES = {
  AUTHENTICATION_REQUIRED = "인증이 필요합니다.",
  TOKEN_MISSING = "인증 토큰이 없습니다.",
  TOKEN_INVALID = "유효하지 않은 인증 토큰입니다.",
  TOKEN_EXPIRED = "만료된 인증 토큰입니다. 다시 로그인해 주세요.",
  ACCESS_DENIED = "접근 권한이 없습니다.",
}

-- Key of this filter's notes on a request.
local NOTES = "auth-error-response"

local function contains(text, part)
  return string.find(text, part, 1, true) ~= nil
end

-- What a 401 means. The challenge of the token check (RFC 6750) names no error when there is no token, and invalid_token
-- for every other reason; that the token is too old it tells in the body only ("Jwt is expired").
local function unauthorized(challenge, body)
  -- The realm is the address that was called, so it can hold any word.
  local text = string.gsub(string.lower(challenge or ""), 'realm="[^"]*"', "")
  if not contains(text, "bearer") then
    return "AUTHENTICATION_REQUIRED"
  elseif contains(text .. string.lower(body), "expired") then
    return "TOKEN_EXPIRED"
  elseif contains(text, "error=") then
    return "TOKEN_INVALID"
  end
  return "TOKEN_MISSING"
end

-- An answer to HEAD has no body, and must not get one.
function envoy_on_request(request)
  if request:headers():get(":method") == "HEAD" then
    request:streamInfo():dynamicMetadata():set(NOTES, "head", true)
  end
end

function envoy_on_response(response)
  local status = response:headers():get(":status")
  if status ~= "401" and status ~= "403" then
    return
  end
  if contains(string.lower(response:headers():get("content-type") or ""), "json") then
    return
  end
  if response:streamInfo():dynamicMetadata():get(NOTES) ~= nil then
    return
  end

  -- `true`: also when there is no body yet.
  local body = response:body(true)
  local code = "ACCESS_DENIED"
  if status == "401" then
    code = unauthorized(response:headers():get("www-authenticate"), body:getBytes(0, body:length()))
  end
  local length = body:setBytes(string.format('{"code":"%s","message":"%s"}', code, MESSAGES[code]))
  response:headers():replace("content-type", "application/json; charset=utf-8")
  response:headers():replace("content-length", tostring(length))
  response:headers():remove("content-encoding")
end
