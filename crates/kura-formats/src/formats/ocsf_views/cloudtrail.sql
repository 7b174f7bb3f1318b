-- CloudTrail: Authentication (3002), Account Change (3001) or API Activity (6003), told from
-- service and event; the filter of each view follows.
SELECT
  "_time" AS time_dt,
  CAST("_time" AS BIGINT) / 1000 AS "time",
  named_struct(
    'product', named_struct(
      'version', eventversion,
      'name', 'CloudTrail',
      'vendor_name', 'AWS',
      'feature', named_struct('name', eventcategory)),
    'event_code', eventtype,
    'uid', eventid,
    'profiles', make_array('cloud', 'datetime'),
    'version', '1.1.0') AS metadata,
  named_struct(
    'account', named_struct('uid', recipientaccountid),
    'region', awsregion,
    'provider', 'AWS') AS cloud,
  named_struct(
    'response', named_struct('error', errorcode, 'message', errormessage, 'data', responseelements),
    'operation', eventname,
    'version', apiversion,
    'service', named_struct('name', eventsource),
    'request', named_struct('data', requestparameters, 'uid', requestid)) AS api,
  named_struct('svc_name', json_extract_scalar(additionaleventdata, '$.LoginTo')) AS dst_endpoint,
  named_struct(
    'user', named_struct(
      'type', useridentity.type,
      'name', useridentity.username,
      'uid_alt', useridentity.principalid,
      'uid', useridentity.arn,
      'account', named_struct('uid', useridentity.accountid),
      'credential_uid', useridentity.accesskeyid),
    'session', named_struct(
      'created_time_dt', from_iso8601_timestamp(useridentity.sessioncontext.attributes.creationdate),
      'is_mfa', useridentity.sessioncontext.attributes.mfaauthenticated = 'true',
      'issuer', useridentity.sessioncontext.sessionissuer.arn),
    'invoked_by', useridentity.invokedby,
    'idp', named_struct('name', useridentity.sessioncontext.webidfederationdata.federatedprovider)) AS actor,
  named_struct('user_agent', useragent) AS http_request,
  named_struct(
    'uid', vpcendpointid,
    'ip', CASE WHEN from_address THEN sourceipaddress END,
    'domain', CASE WHEN NOT from_address THEN sourceipaddress END) AS src_endpoint,
  -- The session that a role's credentials were given for.
  named_struct(
    'uid', CASE WHEN ocsf_type = 300201 THEN json_extract_scalar(responseelements, '$.assumedRoleUser.arn') END,
    'uid_alt', CASE WHEN ocsf_type = 300201 THEN json_extract_scalar(responseelements, '$.assumedRoleUser.assumedRoleId') END,
    'credential_uid', CASE WHEN ocsf_type = 300201 THEN json_extract_scalar(responseelements, '$.credentials.accessKeyId') END,
    'issuer', CASE WHEN ocsf_type = 300201 THEN json_extract_scalar(requestparameters, '$.roleArn') END) AS "session",
  named_struct(
    'uid', CASE WHEN ocsf_type IN (300107, 300108) THEN json_extract_scalar(requestparameters, '$.policyArn') END) AS policy,
  array_transform(resources, r -> named_struct(
    'uid', r['arn'],
    'owner', named_struct('account', named_struct('uid', r['accountid'])),
    'type', r['type'])) AS resources,
  CAST(ocsf_type / 100 AS INT) AS class_uid,
  CASE ocsf_type / 100
    WHEN 3001 THEN 'Account Change'
    WHEN 3002 THEN 'Authentication'
    ELSE 'API Activity'
  END AS class_name,
  CAST(ocsf_type / 100000 AS INT) AS category_uid,
  CASE ocsf_type / 100000
    WHEN 3 THEN 'Identity & Access Management'
    ELSE 'Application Activity'
  END AS category_name,
  CAST(1 AS INT) AS severity_id,
  'Informational' AS severity,
  -- Whom it was done to: who was changed, or who signed in and as what.
  CASE ocsf_type / 100
    WHEN 3001 THEN named_struct(
      'uid_alt', coalesce(
        json_extract_scalar(responseelements, '$.user.userId'),
        json_extract_scalar(responseelements, '$.role.roleId')),
      'uid', coalesce(
        json_extract_scalar(responseelements, '$.user.arn'),
        json_extract_scalar(responseelements, '$.role.arn')),
      'name', coalesce(
        json_extract_scalar(requestparameters, '$.userName'),
        json_extract_scalar(requestparameters, '$.roleName'),
        json_extract_scalar(requestparameters, '$.groupName')))
    WHEN 3002 THEN named_struct(
      'uid_alt', useridentity.principalid,
      'uid', coalesce(json_extract_scalar(requestparameters, '$.roleArn'), useridentity.arn),
      'name', coalesce(json_extract_scalar(requestparameters, '$.roleSessionName'), useridentity.username))
  END AS "user",
  CAST(ocsf_type % 100 AS INT) AS activity_id,
  activity_name,
  ocsf_type AS type_uid,
  CASE ocsf_type / 100
    WHEN 3001 THEN 'Account Change: '
    WHEN 3002 THEN 'Authentication: '
    ELSE 'API Activity: '
  END || activity_name AS type_name,
  CASE WHEN failed THEN 'Failure' ELSE 'Success' END AS status,
  CAST(CASE WHEN failed THEN 2 ELSE 1 END AS INT) AS status_id,
  CASE json_extract_scalar(additionaleventdata, '$.MFAUsed')
    WHEN 'Yes' THEN true
    WHEN 'No' THEN false
  END AS is_mfa,
  map(
    make_array(
      'additionalEventData', 'managementEvent', 'readOnly', 'recipientAccountId',
      'serviceEventDetails', 'sessionCredentialFromConsole', 'sharedEventID',
      'tlsDetails.cipherSuite', 'tlsDetails.clientProvidedHostHeader', 'tlsDetails.tlsVersion',
      'userIdentity.sessionContext.sessionIssuer.accountId',
      'userIdentity.sessionContext.sessionIssuer.principalId',
      'userIdentity.sessionContext.sessionIssuer.type',
      'userIdentity.sessionContext.sessionIssuer.userName',
      'vpcEndpointAccountId'),
    make_array(
      additionaleventdata, managementevent, readonly, recipientaccountid,
      serviceeventdetails, sessioncredentialfromconsole, sharedeventid,
      tlsdetails.ciphersuite, tlsdetails.clientprovidedhostheader, tlsdetails.tlsversion,
      useridentity.sessioncontext.sessionissuer.accountid,
      useridentity.sessioncontext.sessionissuer.principalid,
      useridentity.sessioncontext.sessionissuer.type,
      useridentity.sessioncontext.sessionissuer.username,
      vpcendpointaccountid)) AS unmapped,
  "_account" AS accountid,
  "_region" AS region,
  to_char("day", '%Y%m%d') AS eventday,
  '2.0' AS asl_version,
  array_concat(
    array_filter(
      make_array(
        named_struct('name', 'src_endpoint.ip', 'value', CASE WHEN from_address THEN sourceipaddress END, 'type', 'IP Address', 'type_id', CAST(2 AS INT)),
        named_struct('name', 'src_endpoint.domain', 'value', CASE WHEN NOT from_address THEN sourceipaddress END, 'type', 'Hostname', 'type_id', CAST(1 AS INT)),
        named_struct('name', 'actor.user.name', 'value', useridentity.username, 'type', 'User Name', 'type_id', CAST(4 AS INT))),
      o -> o['value'] IS NOT NULL),
    array_transform(resources, r -> named_struct(
      'name', 'resources[].uid', 'value', r['arn'], 'type', 'Resource UID', 'type_id', CAST(10 AS INT)))) AS observables
FROM (
  SELECT *,
    CASE ocsf_type
      WHEN 300101 THEN 'Create'
      WHEN 300102 THEN 'Enable'
      WHEN 300103 THEN 'Password Change'
      WHEN 300104 THEN 'Password Reset'
      WHEN 300105 THEN 'Disable'
      WHEN 300106 THEN 'Delete'
      WHEN 300107 THEN 'Attach Policy'
      WHEN 300108 THEN 'Detach Policy'
      WHEN 300110 THEN 'MFA Factor Enable'
      WHEN 300111 THEN 'MFA Factor Disable'
      WHEN 300201 THEN 'Logon'
      WHEN 300202 THEN 'Logoff'
      WHEN 600301 THEN 'Create'
      WHEN 600302 THEN 'Read'
      WHEN 600303 THEN 'Update'
      WHEN 600304 THEN 'Delete'
      ELSE 'Other'
    END AS activity_name
  FROM (
    SELECT *,
      coalesce(identity_type, CASE
        WHEN readonly = 'true' OR regexp_like(eventname, '^(Get|List|Describe|Head|Lookup|Search|BatchGet|Select|Scan|Query)') THEN 600302
        WHEN regexp_like(eventname, '^(Delete|BatchDelete|Remove|Terminate|Deregister|Release|Purge)') THEN 600304
        WHEN eventname IN ('CompleteMultipartUpload', 'CopyObject', 'PutObject')
          OR regexp_like(eventname, '^(Create|BatchCreate|Run|Allocate|Register|Import|Copy|Generate)') THEN 600301
        WHEN regexp_like(eventname, '^(Update|Modify|Put|Set|Change|Add|Attach|Detach|Associate|Disassociate|Enable|Disable|Authorize|Revoke|Start|Stop|Reboot|Reset|Restore|Tag|Untag)') THEN 600303
        ELSE 600399
      END) AS ocsf_type
    FROM (
      SELECT *,
        regexp_like(sourceipaddress, '^[0-9.]+$|:') AS from_address,
        errorcode IS NOT NULL OR (eventsource = 'signin.amazonaws.com' AND 'Failure' IN (
          coalesce(json_extract_scalar(responseelements, '$.ConsoleLogin'), ''),
          coalesce(json_extract_scalar(responseelements, '$.SwitchRole'), ''))) AS failed,
        -- Class and activity in one number, as in `type_uid`.
        CASE
          WHEN eventsource = 'sts.amazonaws.com' AND eventname IN (
            'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot',
            'GetFederationToken', 'GetSessionToken') THEN 300201
          WHEN eventsource IN ('signin.amazonaws.com', 'sso.amazonaws.com') THEN
            CASE
              WHEN eventname IN (
                'Authenticate', 'ConsoleLogin', 'CredentialVerification', 'Federate',
                'RenewRole', 'SwitchRole', 'UserAuthentication') THEN 300201
              WHEN eventname IN ('ExitRole', 'Logout') THEN 300202
              WHEN eventname = 'PasswordRecoveryCompleted' THEN 300104
              WHEN eventname IN (
                'CheckMfa', 'CredentialChallenge', 'GetSigninToken', 'PasswordRecoveryRequested') THEN 300299
            END
          WHEN eventsource = 'iam.amazonaws.com' THEN
            CASE
              WHEN eventname IN ('CreateUser', 'CreateRole', 'CreateServiceLinkedRole') THEN 300101
              WHEN eventname = 'CreateLoginProfile' THEN 300102
              WHEN eventname = 'ChangePassword' THEN 300103
              WHEN eventname = 'UpdateLoginProfile' THEN 300104
              WHEN eventname = 'DeleteLoginProfile' THEN 300105
              WHEN eventname IN ('DeleteUser', 'DeleteRole', 'DeleteServiceLinkedRole') THEN 300106
              WHEN eventname IN (
                'AttachGroupPolicy', 'AttachRolePolicy', 'AttachUserPolicy',
                'PutGroupPolicy', 'PutRolePolicy', 'PutUserPolicy') THEN 300107
              WHEN eventname IN (
                'DeleteGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy',
                'DetachGroupPolicy', 'DetachRolePolicy', 'DetachUserPolicy') THEN 300108
              WHEN eventname = 'EnableMFADevice' THEN 300110
              WHEN eventname = 'DeactivateMFADevice' THEN 300111
            END
        END AS identity_type
      FROM cloudtrail
    )
  )
)
