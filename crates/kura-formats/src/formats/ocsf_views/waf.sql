-- AWS WAF: HTTP Activity (4002), by the request's method.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  named_struct(
    'product', named_struct(
      'feature', named_struct('uid', webaclid),
      'version', CAST(formatversion AS VARCHAR),
      'vendor_name', 'AWS',
      'name', 'AWS WAF'),
    'labels', array_transform(labels, l -> l['name']),
    'profiles', make_array('cloud', 'security_control', 'datetime'),
    'version', '1.1.0') AS metadata,
  named_struct(
    'svc_name', httpsourcename,
    'uid', httpsourceid,
    'ip', httprequest.clientip,
    'location', named_struct('country', httprequest.country)) AS src_endpoint,
  named_struct(
    'url', named_struct('path', httprequest.uri, 'hostname', coalesce(httprequest.host, host_header)),
    'version', httprequest.httpversion,
    'http_method', httprequest.httpmethod,
    'uid', httprequest.requestid,
    'args', httprequest.args,
    'http_headers', httprequest.headers,
    'user_agent', array_filter(httprequest.headers, h -> lower(h['name']) = 'user-agent')[1]['value'],
    'x_forwarded_for', array_transform(
      string_to_array(array_filter(httprequest.headers, h -> lower(h['name']) = 'x-forwarded-for')[1]['value'], ','),
      address -> trim(address)),
    'referrer', array_filter(httprequest.headers, h -> lower(h['name']) = 'referer')[1]['value']) AS http_request,
  named_struct(
    'uid', terminatingruleid,
    'type', terminatingruletype,
    'condition', terminatingrulematchdetails[1]['conditiontype'],
    'match_location', terminatingrulematchdetails[1]['location'],
    'match_details', terminatingrulematchdetails[1]['matcheddata'],
    'rate_limit', ratebasedrulelist[1]['maxrateallowed']) AS firewall_rule,
  TRY_CAST(responsecodesent AS INT) AS http_status,
  'HTTP Activity' AS class_name,
  CAST(4002 AS INT) AS class_uid,
  'Network Activity' AS category_name,
  CAST(4 AS INT) AS category_uid,
  CAST(1 AS INT) AS severity_id,
  'Informational' AS severity,
  named_struct(
    'account', named_struct('uid', "_account"),
    'region', "_region",
    'provider', 'AWS') AS cloud,
  activity_name,
  CAST(activity_id AS INT) AS activity_id,
  'HTTP Activity: ' || activity_name AS type_name,
  400200 + activity_id AS type_uid,
  CASE
    WHEN "action" IN ('ALLOW', 'COUNT') THEN 'Allowed'
    WHEN "action" IN ('BLOCK', 'CAPTCHA', 'CHALLENGE') THEN 'Denied'
    ELSE 'Unknown'
  END AS "action",
  CAST(CASE
    WHEN "action" IN ('ALLOW', 'COUNT') THEN 1
    WHEN "action" IN ('BLOCK', 'CAPTCHA', 'CHALLENGE') THEN 2
    ELSE 0
  END AS INT) AS action_id,
  CASE "action"
    WHEN 'ALLOW' THEN 'Allowed'
    WHEN 'BLOCK' THEN 'Blocked'
    WHEN 'COUNT' THEN 'Count'
    WHEN 'CAPTCHA' THEN 'Captcha'
    WHEN 'CHALLENGE' THEN 'Challenge'
    ELSE 'Unknown'
  END AS disposition,
  CAST(CASE "action"
    WHEN 'ALLOW' THEN 1
    WHEN 'BLOCK' THEN 2
    WHEN 'COUNT' THEN 20
    WHEN 'CAPTCHA' THEN 22
    WHEN 'CHALLENGE' THEN 23
    ELSE 0
  END AS INT) AS disposition_id,
  map(
    make_array(
      'captchaResponse.failureReason', 'captchaResponse.responseCode', 'captchaResponse.solveTimestamp',
      'challengeResponse.failureReason', 'challengeResponse.responseCode', 'challengeResponse.solveTimestamp',
      'ja3Fingerprint', 'ja4Fingerprint', 'oversizeFields',
      'rateBasedRuleList[].limitKey', 'rateBasedRuleList[].rateBasedRuleId',
      'requestBodySize', 'requestBodySizeInspectedByWAF',
      'terminatingRuleMatchDetails[].sensitivityLevel'),
    make_array(
      captcharesponse.failurereason, captcharesponse.responsecode, captcharesponse.solvetimestamp,
      challengeresponse.failurereason, challengeresponse.responsecode, challengeresponse.solvetimestamp,
      ja3fingerprint, ja4fingerprint, oversizefields,
      ratebasedrulelist[1]['limitkey'], ratebasedrulelist[1]['ratebasedruleid'],
      CAST(requestbodysize AS VARCHAR), CAST(requestbodysizeinspectedbywaf AS VARCHAR),
      terminatingrulematchdetails[1]['sensitivitylevel'])) AS unmapped,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  array_filter(
    make_array(
      named_struct('name', 'src_endpoint.ip', 'value', httprequest.clientip, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'http_request.url.hostname', 'value', coalesce(httprequest.host, host_header), 'type', 'Hostname', 'type_id', CAST(1 AS INT)),
      named_struct('name', 'firewall_rule.uid', 'value', terminatingruleid, 'type', 'Resource UID', 'type_id', CAST(10 AS INT)),
      named_struct('name', 'src_endpoint.uid', 'value', httpsourceid, 'type', 'Resource UID', 'type_id', CAST(10 AS INT))),
    o -> o['value'] IS NOT NULL) AS observables
FROM (
  SELECT *,
    array_filter(httprequest.headers, h -> lower(h['name']) = 'host')[1]['value'] AS host_header,
    CASE httprequest.httpmethod
      WHEN 'CONNECT' THEN 1
      WHEN 'DELETE' THEN 2
      WHEN 'GET' THEN 3
      WHEN 'HEAD' THEN 4
      WHEN 'OPTIONS' THEN 5
      WHEN 'POST' THEN 6
      WHEN 'PUT' THEN 7
      WHEN 'TRACE' THEN 8
      ELSE 99
    END AS activity_id,
    CASE httprequest.httpmethod
      WHEN 'CONNECT' THEN 'Connect'
      WHEN 'DELETE' THEN 'Delete'
      WHEN 'GET' THEN 'Get'
      WHEN 'HEAD' THEN 'Head'
      WHEN 'OPTIONS' THEN 'Options'
      WHEN 'POST' THEN 'Post'
      WHEN 'PUT' THEN 'Put'
      WHEN 'TRACE' THEN 'Trace'
      ELSE 'Other'
    END AS activity_name
  FROM waf
)
