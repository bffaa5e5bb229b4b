using Envoy.Config.Rbac.V3;
using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Rbac;

/// <summary>The "who" of an access rule.</summary>
internal static class PrincipalMatch
{
    public static bool Matches(Principal principal, AccessContext context) => principal.IdentifierCase switch
    {
        Principal.IdentifierOneofCase.Any => true,
        Principal.IdentifierOneofCase.AndIds => principal.AndIds.Ids.All(id => Matches(id, context)),
        Principal.IdentifierOneofCase.OrIds => principal.OrIds.Ids.Any(id => Matches(id, context)),
        Principal.IdentifierOneofCase.NotId => !Matches(principal.NotId, context),
        Principal.IdentifierOneofCase.Authenticated => Authenticated(principal.Authenticated, context),
        Principal.IdentifierOneofCase.DirectRemoteIp => CidrMatch.Contains(principal.DirectRemoteIp, context.Facts.Connection.Source.Address),
#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
        Principal.IdentifierOneofCase.SourceIp => CidrMatch.Contains(principal.SourceIp, context.Facts.Connection.Source.Address),
#pragma warning restore CS0612
        // Differs from the connection's source only where a request claims another.
        Principal.IdentifierOneofCase.RemoteIp when context.Claimed is { } claimed => CidrMatch.Contains(principal.RemoteIp, claimed),
        Principal.IdentifierOneofCase.RemoteIp => context.Request is null || !context.Request.Values("x-forwarded-for").Any()
            ? CidrMatch.Contains(principal.RemoteIp, context.Facts.Connection.Source.Address)
            : throw new UndecidedException("RBAC principal remote_ip", "x-forwarded-for is not followed"),
        Principal.IdentifierOneofCase.Header => PermissionMatch.Header(principal.Header, context),
        Principal.IdentifierOneofCase.UrlPath => PermissionMatch.UrlPath(principal.UrlPath, context),
        _ => throw new UndecidedException("RBAC principal", $"{principal.IdentifierCase} is not known"),
    };

    // URI names first, then DNS names, then the subject; any that fits will do.
    private static bool Authenticated(Principal.Types.Authenticated authenticated, AccessContext context)
    {
        if (!context.IsTls)
        {
            return false;
        }

        if (authenticated.PrincipalName is not { } name)
        {
            return true;
        }

        return context.Peer is { } peer
            ? peer.Uris.Concat(peer.DnsNames).Append(peer.Subject).Any(candidate => StringMatch.Matches(name, ByteText.Of(candidate),
                context.Release))
            : StringMatch.Matches(name, "", context.Release);
    }
}
