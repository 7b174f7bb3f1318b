-- GuardDuty: Detection Finding (2004), as Security Lake has findings that came by Security Hub.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  named_struct(
    'log_version', schemaversion,
    'product', named_struct(
      'feature', named_struct(
        'uid', json_extract_scalar(service, '$.detectorId'),
        'name', json_extract_scalar(service, '$.featureName')),
      'name', 'GuardDuty',
      'vendor_name', 'AWS'),
    'profiles', make_array('cloud', 'datetime'),
    'version', '1.1.0') AS metadata,
  named_struct(
    'account', named_struct('uid', "_account"),
    'region', "_region",
    'provider', 'AWS') AS cloud,
  named_struct(
    'created_time_dt', from_iso8601_timestamp(createdat),
    'uid', arn,
    'desc', "description",
    'title', title,
    'modified_time_dt', from_iso8601_timestamp(updatedat),
    'first_seen_time_dt', from_iso8601_timestamp(json_extract_scalar(service, '$.eventFirstSeen')),
    'last_seen_time_dt', from_iso8601_timestamp(json_extract_scalar(service, '$.eventLastSeen')),
    'types', make_array("type")) AS finding_info,
  make_array(named_struct(
    'type', json_extract_scalar(resource, '$.resourceType'),
    'uid', resource_uid,
    'cloud_partition', "partition",
    'region', "region",
    'data', resource,
    'owner', named_struct('account', named_struct('uid', accountid)))) AS resources,
  make_array(named_struct(
    'data', json_extract("action", '$'),
    'api', named_struct(
      'operation', coalesce(
        json_extract_scalar("action", '$.awsApiCallAction.api'),
        json_extract_scalar("action", '$.kubernetesApiCallAction.verb')),
      'response', named_struct('error', json_extract_scalar("action", '$.awsApiCallAction.errorCode')),
      'service', named_struct('name', json_extract_scalar("action", '$.awsApiCallAction.serviceName'))),
    'src_endpoint', named_struct(
      'ip', CASE WHEN outbound THEN local_ip ELSE remote_ip END,
      'port', CAST(CASE WHEN outbound THEN local_port ELSE remote_port END AS INT),
      'location', named_struct(
        'country', CASE WHEN NOT outbound THEN json_extract_scalar(remote, '$.country.countryName') END,
        'city', CASE WHEN NOT outbound THEN json_extract_scalar(remote, '$.city.cityName') END)),
    'dst_endpoint', named_struct(
      'ip', CASE WHEN outbound THEN remote_ip ELSE local_ip END,
      'port', CAST(CASE WHEN outbound THEN remote_port ELSE local_port END AS INT),
      'location', named_struct(
        'country', CASE WHEN outbound THEN json_extract_scalar(remote, '$.country.countryName') END,
        'city', CASE WHEN outbound THEN json_extract_scalar(remote, '$.city.cityName') END)),
    'connection_info', named_struct(
      'protocol_name', coalesce(
        json_extract_scalar("action", '$.networkConnectionAction.protocol'),
        json_extract_scalar("action", '$.dnsRequestAction.protocol')),
      'direction_id', CAST(CASE direction WHEN 'INBOUND' THEN 1 WHEN 'OUTBOUND' THEN 2 ELSE 0 END AS INT),
      'direction', CASE direction WHEN 'INBOUND' THEN 'Inbound' WHEN 'OUTBOUND' THEN 'Outbound' ELSE 'Unknown' END),
    'query', named_struct('hostname', json_extract_scalar("action", '$.dnsRequestAction.domain')))) AS evidences,
  'Detection Finding' AS class_name,
  CAST(2004 AS INT) AS class_uid,
  'Findings' AS category_name,
  CAST(2 AS INT) AS category_uid,
  CAST(CASE
    WHEN score >= 9 THEN 5
    WHEN score >= 7 THEN 4
    WHEN score >= 4 THEN 3
    WHEN score >= 1 THEN 2
    ELSE 0
  END AS INT) AS severity_id,
  CASE
    WHEN score >= 9 THEN 'Critical'
    WHEN score >= 7 THEN 'High'
    WHEN score >= 4 THEN 'Medium'
    WHEN score >= 1 THEN 'Low'
    ELSE 'Unknown'
  END AS severity,
  CASE WHEN is_new THEN 'Create' ELSE 'Update' END AS activity_name,
  CAST(CASE WHEN is_new THEN 1 ELSE 2 END AS INT) AS activity_id,
  CASE WHEN is_new THEN 200401 ELSE 200402 END AS type_uid,
  CASE WHEN is_new THEN 'Detection Finding: Create' ELSE 'Detection Finding: Update' END AS type_name,
  CASE json_extract_scalar(service, '$.archived') WHEN 'true' THEN 'Suppressed' ELSE 'New' END AS status,
  CAST(CASE json_extract_scalar(service, '$.archived') WHEN 'true' THEN 3 ELSE 1 END AS INT) AS status_id,
  map(
    make_array('id', 'severity', 'service.count', 'service.resourceRole', 'service.action.actionType', 'service.additionalInfo'),
    make_array(
      id,
      score_text,
      json_extract_scalar(service, '$.count'),
      json_extract_scalar(service, '$.resourceRole'),
      json_extract_scalar("action", '$.actionType'),
      json_extract(service, '$.additionalInfo'))) AS unmapped,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  array_filter(
    make_array(
      named_struct('name', 'evidences[].src_endpoint.ip', 'value', CASE WHEN outbound THEN local_ip ELSE remote_ip END, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'evidences[].dst_endpoint.ip', 'value', CASE WHEN outbound THEN remote_ip ELSE local_ip END, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
      named_struct('name', 'evidences[].query.hostname', 'value', json_extract_scalar("action", '$.dnsRequestAction.domain'), 'type', 'Hostname', 'type_id', CAST(1 AS INT)),
      named_struct('name', 'resources[].uid', 'value', resource_uid, 'type', 'Resource UID', 'type_id', CAST(10 AS INT))),
    o -> o['value'] IS NOT NULL) AS observables
FROM (
  SELECT *,
    severity AS score_text,
    TRY_CAST(severity AS DOUBLE) AS score,
    createdat = updatedat AS is_new,
    json_extract_scalar(remote, '$.ipAddressV4') AS remote_ip,
    direction IS NOT DISTINCT FROM 'OUTBOUND' AS outbound
  FROM (
    SELECT *,
      json_extract_scalar("action", '$.networkConnectionAction.connectionDirection') AS direction,
      -- Who was at the other end, wherever the kind of action says it.
      coalesce(
        json_extract("action", '$.networkConnectionAction.remoteIpDetails'),
        json_extract("action", '$.awsApiCallAction.remoteIpDetails'),
        json_extract("action", '$.kubernetesApiCallAction.remoteIpDetails'),
        json_extract("action", '$.rdsLoginAttemptAction.remoteIpDetails'),
        json_extract("action", '$.portProbeAction.portProbeDetails[0].remoteIpDetails')) AS remote,
      TRY_CAST(json_extract_scalar("action", '$.networkConnectionAction.remotePortDetails.port') AS INT) AS remote_port,
      coalesce(
        json_extract_scalar("action", '$.networkConnectionAction.localIpDetails.ipAddressV4'),
        json_extract_scalar("action", '$.portProbeAction.portProbeDetails[0].localIpDetails.ipAddressV4')) AS local_ip,
      TRY_CAST(coalesce(
        json_extract_scalar("action", '$.networkConnectionAction.localPortDetails.port'),
        json_extract_scalar("action", '$.portProbeAction.portProbeDetails[0].localPortDetails.port')) AS INT) AS local_port,
      coalesce(
        json_extract_scalar(resource, '$.instanceDetails.instanceId'),
        json_extract_scalar(resource, '$.accessKeyDetails.accessKeyId'),
        json_extract_scalar(resource, '$.s3BucketDetails[0].arn'),
        json_extract_scalar(resource, '$.eksClusterDetails.arn'),
        json_extract_scalar(resource, '$.ecsClusterDetails.arn'),
        json_extract_scalar(resource, '$.lambdaDetails.functionArn'),
        json_extract_scalar(resource, '$.rdsDbInstanceDetails.dbInstanceArn'),
        json_extract_scalar(resource, '$.containerDetails.id')) AS resource_uid
    FROM (SELECT *, json_extract(service, '$.action') AS "action" FROM guardduty)
  )
)
