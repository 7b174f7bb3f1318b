-- Security Hub: Vulnerability Finding (2002) where it is about vulnerabilities, Compliance
-- Finding (2003) where it is a check's outcome, else Detection Finding (2004). All classes have
-- the resources; `resource` is the first of them.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  named_struct(
    'log_version', schemaversion,
    'product', named_struct(
      'feature', named_struct(
        'uid', generatorid,
        'name', productfields['aws/guardduty/service/featureName']),
      'uid', productarn,
      'name', coalesce(productname, productfields['aws/securityhub/ProductName']),
      'vendor_name', coalesce(companyname, productfields['aws/securityhub/CompanyName'])),
    'processed_time_dt', from_iso8601_timestamp(processedat),
    'profiles', make_array('cloud', 'datetime'),
    'version', '1.1.0') AS metadata,
  confidence AS confidence_score,
  note.text AS message,
  named_struct(
    'account', named_struct('uid', "_account"),
    'region', "_region",
    'provider', 'AWS') AS cloud,
  ocsf_resources[1] AS resource,
  named_struct(
    'created_time_dt', from_iso8601_timestamp(createdat),
    'uid', id,
    'desc', "description",
    'title', title,
    'modified_time_dt', from_iso8601_timestamp(updatedat),
    'first_seen_time_dt', from_iso8601_timestamp(firstobservedat),
    'last_seen_time_dt', from_iso8601_timestamp(lastobservedat),
    'related_events', array_transform(relatedfindings, f -> named_struct(
      'product_uid', f['productarn'],
      'uid', f['id'])),
    'types', types,
    'src_url', sourceurl) AS finding_info,
  named_struct(
    'desc', remediation.recommendation.text,
    'references', CASE WHEN remediation.recommendation.url IS NOT NULL
      THEN make_array(remediation.recommendation.url) END) AS remediation,
  named_struct(
    'standards', array_transform(
      json_elements(compliance.associatedstandards),
      s -> json_extract_scalar(s, '$.StandardsId')),
    'requirements', compliance.relatedrequirements,
    'control', compliance.securitycontrolid,
    'status', compliance.status,
    'status_detail', json_extract_scalar(compliance.statusreasons, '$[0].Description'),
    'status_code', json_extract_scalar(compliance.statusreasons, '$[0].ReasonCode')) AS compliance,
  array_transform(json_elements(vulnerabilities), v -> named_struct(
    'cve', named_struct(
      'uid', json_extract_scalar(v, '$.Id'),
      'cvss', array_transform(json_elements(json_extract(v, '$.Cvss')), c -> named_struct(
        'base_score', TRY_CAST(json_extract_scalar(c, '$.BaseScore') AS DOUBLE),
        'vector_string', json_extract_scalar(c, '$.BaseVector'),
        'version', json_extract_scalar(c, '$.Version'))),
      'epss', named_struct('score', json_extract_scalar(v, '$.EpssScore')),
      'created_time_dt', from_iso8601_timestamp(json_extract_scalar(v, '$.Vendor.VendorCreatedAt')),
      'modified_time_dt', from_iso8601_timestamp(json_extract_scalar(v, '$.Vendor.VendorUpdatedAt'))),
    'vendor_name', json_extract_scalar(v, '$.Vendor.Name'),
    'affected_packages', array_transform(json_elements(json_extract(v, '$.VulnerablePackages')), p -> named_struct(
      'name', json_extract_scalar(p, '$.Name'),
      'version', json_extract_scalar(p, '$.Version'),
      'release', json_extract_scalar(p, '$.Release'),
      'architecture', json_extract_scalar(p, '$.Architecture'),
      'package_manager', json_extract_scalar(p, '$.PackageManager'),
      'path', json_extract_scalar(p, '$.FilePath'),
      'fixed_in_version', json_extract_scalar(p, '$.FixedInVersion'))),
    'is_fix_available', json_extract_scalar(v, '$.FixAvailable') IN ('YES', 'PARTIAL'),
    'is_exploit_available', json_extract_scalar(v, '$.ExploitAvailable') = 'YES')) AS vulnerabilities,
  ocsf_resources AS resources,
  class_name,
  CAST(class_uid AS INT) AS class_uid,
  'Findings' AS category_name,
  CAST(2 AS INT) AS category_uid,
  CAST(CASE severity.label
    WHEN 'INFORMATIONAL' THEN 1
    WHEN 'LOW' THEN 2
    WHEN 'MEDIUM' THEN 3
    WHEN 'HIGH' THEN 4
    WHEN 'CRITICAL' THEN 5
    ELSE 0
  END AS INT) AS severity_id,
  coalesce(initcap(severity.label), 'Unknown') AS severity,
  CASE WHEN is_new THEN 'Create' ELSE 'Update' END AS activity_name,
  CAST(CASE WHEN is_new THEN 1 ELSE 2 END AS INT) AS activity_id,
  class_uid * 100 + CASE WHEN is_new THEN 1 ELSE 2 END AS type_uid,
  class_name || CASE WHEN is_new THEN ': Create' ELSE ': Update' END AS type_name,
  CASE workflow.status
    WHEN 'NEW' THEN 'New'
    WHEN 'NOTIFIED' THEN 'In Progress'
    WHEN 'SUPPRESSED' THEN 'Suppressed'
    WHEN 'RESOLVED' THEN 'Resolved'
    ELSE 'Unknown'
  END AS status,
  CAST(CASE workflow.status
    WHEN 'NEW' THEN 1
    WHEN 'NOTIFIED' THEN 2
    WHEN 'SUPPRESSED' THEN 3
    WHEN 'RESOLVED' THEN 4
    ELSE 0
  END AS INT) AS status_id,
  map(
    make_array(
      'Action', 'FindingProviderFields', 'Malware', 'Network', 'PatchSummary', 'Process',
      'RecordState', 'Severity.Normalized', 'Severity.Original', 'ThreatIntelIndicators',
      'Threats', 'VerificationState', 'WorkflowState'),
    make_array(
      "action", findingproviderfields, malware, network, patchsummary, process,
      recordstate, CAST(severity.normalized AS VARCHAR), severity.original, threatintelindicators,
      threats, verificationstate, workflowstate)) AS unmapped,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  array_transform(resources, r -> named_struct(
    'name', 'resources[].uid', 'value', r['id'], 'type', 'Resource UID', 'type_id', CAST(10 AS INT))) AS observables
FROM (
  SELECT *,
    CASE class_uid
      WHEN 2002 THEN 'Vulnerability Finding'
      WHEN 2003 THEN 'Compliance Finding'
      ELSE 'Detection Finding'
    END AS class_name
  FROM (
    SELECT *,
      array_transform(resources, r -> named_struct(
        'type', r['type'],
        'uid', r['id'],
        'cloud_partition', r['partition'],
        'region', r['region'],
        'data', r['details'])) AS ocsf_resources,
      createdat = updatedat AS is_new,
      CASE
        WHEN vulnerabilities IS NOT NULL OR productarn LIKE '%/aws/inspector' THEN 2002
        WHEN compliance.status IS NOT NULL OR compliance.securitycontrolid IS NOT NULL THEN 2003
        ELSE 2004
      END AS class_uid
    FROM securityhub
    WHERE insightarn IS NULL
  )
)
