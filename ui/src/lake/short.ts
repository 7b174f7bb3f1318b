// Long values in few letters, for narrow cells. The whole value always stays in the tooltip and in the filter.

/** `arn:aws:sts::111122223333:assumed-role/Admin/alice` → `Admin / alice`; other text as it is. */
export function shortPrincipal(principal: string): string {
  const match = /^arn:aws[\w-]*:(iam|sts)::\d*:(.+)$/.exec(principal)
  if (!match) return shortService(principal)
  const path = match[2]!.split('/')
  switch (path[0]) {
    case 'root':
      return 'root'
    case 'assumed-role':
      return path.length > 2 ? `${shortRole(path[1]!)} / ${path.slice(2).join('/')}` : (path[1] ?? match[2]!)
    case 'federated-user':
      return path.slice(1).join('/')
    default:
      return path.at(-1) || match[2]!
  }
}

/** `ec2.amazonaws.com` → `ec2`. */
export function shortService(source: string): string {
  return source.replace(/\.amazonaws\.com(\.cn)?$/, '')
}

/** `AWSReservedSSO_Admin_0123456789abcdef` → `SSO Admin`: the suffix is noise to people. */
function shortRole(role: string): string {
  const sso = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role)
  return sso ? `SSO ${sso[1]}` : role
}
