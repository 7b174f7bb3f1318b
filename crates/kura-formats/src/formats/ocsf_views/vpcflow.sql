-- VPC flow logs: Network Activity (4001). The interface stands on the side that the direction
-- tells; behind NAT an endpoint's address is the packet's own, and the interface's comes between.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  arrow_cast(from_unixtime("start"), 'Timestamp(Microsecond, Some("UTC"))') AS start_time_dt,
  arrow_cast(from_unixtime("end"), 'Timestamp(Microsecond, Some("UTC"))') AS end_time_dt,
  named_struct(
    'product', named_struct(
      'version', CAST(version AS VARCHAR),
      'name', 'Amazon VPC',
      'feature', named_struct('name', 'Flowlogs'),
      'vendor_name', 'AWS'),
    'profiles', make_array('cloud', 'security_control', 'datetime'),
    'version', '1.1.0') AS metadata,
  named_struct(
    'account', named_struct('uid', "_account"),
    'region', "_region",
    'zone', az_id,
    'provider', 'AWS') AS cloud,
  named_struct(
    'port', srcport,
    'svc_name', pkt_src_aws_service,
    'ip', coalesce(pkt_srcaddr, srcaddr),
    'intermediate_ips', CASE WHEN pkt_srcaddr <> srcaddr THEN make_array(srcaddr) END,
    'interface_uid', CASE WHEN flow_direction = 'egress' THEN interface_id END,
    'vpc_uid', CASE WHEN flow_direction = 'egress' THEN vpc_id END,
    'instance_uid', CASE WHEN flow_direction = 'egress' THEN instance_id END,
    'subnet_uid', CASE WHEN flow_direction = 'egress' THEN subnet_id END) AS src_endpoint,
  named_struct(
    'port', dstport,
    'svc_name', pkt_dst_aws_service,
    'ip', coalesce(pkt_dstaddr, dstaddr),
    'intermediate_ips', CASE WHEN pkt_dstaddr <> dstaddr THEN make_array(dstaddr) END,
    'interface_uid', CASE WHEN flow_direction = 'ingress' THEN interface_id END,
    'vpc_uid', CASE WHEN flow_direction = 'ingress' THEN vpc_id END,
    'instance_uid', CASE WHEN flow_direction = 'ingress' THEN instance_id END,
    'subnet_uid', CASE WHEN flow_direction = 'ingress' THEN subnet_id END) AS dst_endpoint,
  named_struct(
    'protocol_num', CAST(protocol AS INT),
    'tcp_flags', tcp_flags,
    'protocol_ver', "type",
    'boundary_id', CAST(CASE traffic_path
      WHEN 1 THEN 4 WHEN 2 THEN 5 WHEN 3 THEN 6 WHEN 4 THEN 7
      WHEN 5 THEN 8 WHEN 6 THEN 9 WHEN 7 THEN 10 WHEN 8 THEN 11
      ELSE 0
    END AS INT),
    'boundary', CASE traffic_path
      WHEN 1 THEN 'Same VPC'
      WHEN 2 THEN 'Internet/VPC Gateway'
      WHEN 3 THEN 'Virtual Private Gateway'
      WHEN 4 THEN 'Intra-region VPC'
      WHEN 5 THEN 'Inter-region VPC'
      WHEN 6 THEN 'Local Gateway'
      WHEN 7 THEN 'Gateway VPC'
      WHEN 8 THEN 'Internet Gateway'
      ELSE 'Unknown'
    END,
    'direction_id', CAST(CASE flow_direction WHEN 'ingress' THEN 1 WHEN 'egress' THEN 2 ELSE 0 END AS INT),
    'direction', CASE flow_direction WHEN 'ingress' THEN 'Inbound' WHEN 'egress' THEN 'Outbound' ELSE 'Unknown' END) AS connection_info,
  named_struct('packets', packets, 'bytes', bytes) AS traffic,
  log_status AS status_code,
  CAST(1 AS INT) AS severity_id,
  'Informational' AS severity,
  'Network Activity' AS class_name,
  CAST(4001 AS INT) AS class_uid,
  'Network Activity' AS category_name,
  CAST(4 AS INT) AS category_uid,
  CASE "action" WHEN 'ACCEPT' THEN 'Traffic' WHEN 'REJECT' THEN 'Refuse' ELSE 'Unknown' END AS activity_name,
  CAST(CASE "action" WHEN 'ACCEPT' THEN 6 WHEN 'REJECT' THEN 5 ELSE 0 END AS INT) AS activity_id,
  CASE "action" WHEN 'ACCEPT' THEN 'Allowed' WHEN 'REJECT' THEN 'Denied' ELSE 'Unknown' END AS "action",
  CAST(CASE "action" WHEN 'ACCEPT' THEN 1 WHEN 'REJECT' THEN 2 ELSE 0 END AS INT) AS action_id,
  CASE "action" WHEN 'ACCEPT' THEN 'Allowed' WHEN 'REJECT' THEN 'Blocked' ELSE 'Unknown' END AS disposition,
  CAST(CASE "action" WHEN 'ACCEPT' THEN 1 WHEN 'REJECT' THEN 2 ELSE 0 END AS INT) AS disposition_id,
  400100 + CASE "action" WHEN 'ACCEPT' THEN 6 WHEN 'REJECT' THEN 5 ELSE 0 END AS type_uid,
  CASE "action"
    WHEN 'ACCEPT' THEN 'Network Activity: Traffic'
    WHEN 'REJECT' THEN 'Network Activity: Refuse'
    ELSE 'Network Activity: Unknown'
  END AS type_name,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  map(
    make_array(
      'instance_id', 'interface_id', 'subnet_id', 'vpc_id', 'reject_reason',
      'sublocation_id', 'sublocation_type', 'resource_type', 'tgw_id', 'tgw_attachment_id',
      'ecs_cluster_arn', 'ecs_cluster_name', 'ecs_container_id', 'ecs_container_instance_arn',
      'ecs_container_instance_id', 'ecs_second_container_id', 'ecs_service_name',
      'ecs_task_arn', 'ecs_task_definition_arn', 'ecs_task_id'),
    make_array(
      -- On neither side where the log has no direction.
      CASE WHEN flow_direction IS NULL THEN instance_id END,
      CASE WHEN flow_direction IS NULL THEN interface_id END,
      CASE WHEN flow_direction IS NULL THEN subnet_id END,
      CASE WHEN flow_direction IS NULL THEN vpc_id END,
      reject_reason,
      sublocation_id, sublocation_type, resource_type, tgw_id, tgw_attachment_id,
      ecs_cluster_arn, ecs_cluster_name, ecs_container_id, ecs_container_instance_arn,
      ecs_container_instance_id, ecs_second_container_id, ecs_service_name,
      ecs_task_arn, ecs_task_definition_arn, ecs_task_id)) AS unmapped,
  array_filter(
    make_array(
      named_struct('name', 'src_endpoint.ip', 'value', coalesce(pkt_srcaddr, srcaddr), 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'dst_endpoint.ip', 'value', coalesce(pkt_dstaddr, dstaddr), 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'src_endpoint.intermediate_ips[]', 'value', CASE WHEN pkt_srcaddr <> srcaddr THEN srcaddr END, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'dst_endpoint.intermediate_ips[]', 'value', CASE WHEN pkt_dstaddr <> dstaddr THEN dstaddr END, 'type', 'IP Address', 'type_id', CAST(2 AS INT))),
    o -> o['value'] IS NOT NULL) AS observables
FROM vpcflow
