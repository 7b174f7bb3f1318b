-- Route 53 Resolver query logs: DNS Activity (4003), always Traffic, since query and answer come
-- in one record.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  named_struct(
    'product', named_struct(
      'version', version,
      'name', 'Route 53',
      'feature', named_struct('name', 'Resolver Query Logs'),
      'vendor_name', 'AWS'),
    'profiles', make_array('cloud', 'security_control', 'datetime'),
    'version', '1.1.0') AS metadata,
  named_struct(
    'account', named_struct('uid', "_account"),
    'region', "_region",
    'provider', 'AWS') AS cloud,
  named_struct(
    'vpc_uid', vpc_id,
    'ip', srcaddr,
    'port', srcport,
    'instance_uid', srcids.instance) AS src_endpoint,
  named_struct('hostname', query_name, 'type', query_type, 'class', query_class) AS query,
  answers,
  named_struct(
    'protocol_name', transport,
    'direction', 'Unknown',
    'direction_id', CAST(0 AS INT)) AS connection_info,
  named_struct(
    'instance_uid', srcids.resolver_endpoint,
    'interface_uid', srcids.resolver_network_interface) AS dst_endpoint,
  named_struct('uid', firewall_rule_group_id) AS firewall_rule,
  CAST(1 AS INT) AS severity_id,
  'Informational' AS severity,
  'DNS Activity' AS class_name,
  CAST(4003 AS INT) AS class_uid,
  'Network Activity' AS category_name,
  CAST(4 AS INT) AS category_uid,
  CAST(6 AS INT) AS activity_id,
  'Traffic' AS activity_name,
  400306 AS type_uid,
  'DNS Activity: Traffic' AS type_name,
  CAST(CASE rcode
    WHEN 'NOERROR' THEN 0
    WHEN 'FORMERR' THEN 1
    WHEN 'SERVFAIL' THEN 2
    WHEN 'NXDOMAIN' THEN 3
    WHEN 'NOTIMP' THEN 4
    WHEN 'REFUSED' THEN 5
    WHEN 'YXDOMAIN' THEN 6
    WHEN 'YXRRSET' THEN 7
    WHEN 'NXRRSET' THEN 8
    WHEN 'NOTAUTH' THEN 9
    WHEN 'NOTZONE' THEN 10
    ELSE CASE WHEN rcode IS NOT NULL THEN 99 END
  END AS INT) AS rcode_id,
  CASE rcode
    WHEN 'NOERROR' THEN 'NoError'
    WHEN 'FORMERR' THEN 'FormError'
    WHEN 'SERVFAIL' THEN 'ServError'
    WHEN 'NXDOMAIN' THEN 'NXDomain'
    WHEN 'NOTIMP' THEN 'NotImp'
    WHEN 'REFUSED' THEN 'Refused'
    WHEN 'YXDOMAIN' THEN 'YXDomain'
    WHEN 'YXRRSET' THEN 'YXRRSet'
    WHEN 'NXRRSET' THEN 'NXRRSet'
    WHEN 'NOTAUTH' THEN 'NotAuth'
    WHEN 'NOTZONE' THEN 'NotZone'
    ELSE rcode
  END AS rcode,
  -- What no rule of DNS Firewall met is allowed.
  CASE firewall_rule_action WHEN 'BLOCK' THEN 'Denied' ELSE 'Allowed' END AS "action",
  CAST(CASE firewall_rule_action WHEN 'BLOCK' THEN 2 ELSE 1 END AS INT) AS action_id,
  CASE firewall_rule_action
    WHEN 'ALLOW' THEN 'Allowed'
    WHEN 'BLOCK' THEN 'Blocked'
    WHEN 'ALERT' THEN 'Alert'
    ELSE 'No Action'
  END AS disposition,
  CAST(CASE firewall_rule_action
    WHEN 'ALLOW' THEN 1
    WHEN 'BLOCK' THEN 2
    WHEN 'ALERT' THEN 19
    ELSE 16
  END AS INT) AS disposition_id,
  map(make_array('firewall_domain_list_id'), make_array(firewall_domain_list_id)) AS unmapped,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  array_concat(
    array_filter(
      make_array(
        named_struct('name', 'src_endpoint.ip', 'value', srcaddr, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
        named_struct('name', 'query.hostname', 'value', query_name, 'type', 'Hostname', 'type_id', CAST(1 AS INT)),
        named_struct('name', 'src_endpoint.instance_uid', 'value', srcids.instance, 'type', 'Resource UID', 'type_id', CAST(10 AS INT)),
        named_struct('name', 'dst_endpoint.instance_uid', 'value', srcids.resolver_endpoint, 'type', 'Resource UID', 'type_id', CAST(10 AS INT))),
      o -> o['value'] IS NOT NULL),
    array_transform(
      array_filter(answers, a -> a['type'] IN ('A', 'AAAA')),
      a -> named_struct('name', 'answers[].rdata', 'value', a['rdata'], 'type', 'IP Address', 'type_id', CAST(2 AS INT)))) AS observables
FROM resolver
