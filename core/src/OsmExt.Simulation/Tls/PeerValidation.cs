using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation.Matching;
using SanType = Envoy.Extensions.TransportSockets.Tls.V3.SubjectAltNameMatcher.Types.SanType;

namespace OsmExt.Simulation.Tls;

/// <summary>
/// Whether one side of a handshake takes the other's certificate, by the names in it. That the trusted roots have issued it is
/// taken for granted: certificates themselves are not part of a configuration that may be read.
/// </summary>
internal static class PeerValidation
{
    /// <summary>Why the peer is refused, or null.</summary>
    public static string? Refuses(ProxyConfiguration proxy, CommonTlsContext context, PeerCertificate peer, string element)
    {
        var (name, validation) = Find(proxy, context);
        if (name.Length > 0 && validation is null)
        {
            return $"the validation context {name} has not been delivered";
        }

        if (validation is null)
        {
            return null;
        }

        Understood.Check(validation, name.Length > 0 ? name : element);
        if (validation.MatchTypedSubjectAltNames.Count > 0)
        {
            return validation.MatchTypedSubjectAltNames.Any(matcher => Matches(matcher, peer, element, proxy.Release)) ? null
                : $"{(name.Length > 0 ? $"validation context {name}" : "its validation context")} does not name {peer}";
        }

#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
        var names = peer.Uris.Concat(peer.DnsNames).Select(ByteText.Of).ToArray();
        return validation.MatchSubjectAltNames.Count == 0
            || validation.MatchSubjectAltNames.Any(matcher => names.Any(name => StringMatch.Matches(matcher, name, proxy.Release)))
            ? null
            : $"its validation context does not name {peer}";
#pragma warning restore CS0612
    }

    /// <summary>The name of the validation context that decides; empty when it stands inline or there is none.</summary>
    public static (string Name, CertificateValidationContext? Context) Find(ProxyConfiguration proxy, CommonTlsContext context)
    {
        switch (context.ValidationContextTypeCase)
        {
            case CommonTlsContext.ValidationContextTypeOneofCase.None:
                return ("", null);
            case CommonTlsContext.ValidationContextTypeOneofCase.ValidationContext:
                return ("", context.ValidationContext);
            case CommonTlsContext.ValidationContextTypeOneofCase.ValidationContextSdsSecretConfig:
                return (context.ValidationContextSdsSecretConfig.Name,
                    proxy.Secret(context.ValidationContextSdsSecretConfig.Name)?.ValidationContext);
            case CommonTlsContext.ValidationContextTypeOneofCase.CombinedValidationContext:
                var combined = context.CombinedValidationContext;
                var dynamic = proxy.Secret(combined.ValidationContextSdsSecretConfig.Name)?.ValidationContext;
                if (dynamic is null)
                {
                    return (combined.ValidationContextSdsSecretConfig.Name, null);
                }

                var merged = combined.DefaultValidationContext?.Clone() ?? new();
                merged.MergeFrom(dynamic);
                return (combined.ValidationContextSdsSecretConfig.Name, merged);
            default:
                throw new UndecidedException("TLS context", $"{context.ValidationContextTypeCase} is not known");
        }
    }

    /// <summary>Whether there is a certificate to prove oneself with.</summary>
    public static bool HasCertificate(ProxyConfiguration proxy, CommonTlsContext context)
        => context.TlsCertificates.Count > 0
            || context.TlsCertificateSdsSecretConfigs.Any(config => proxy.Secret(config.Name)?.TlsCertificate is not null);

    private static bool Matches(SubjectAltNameMatcher matcher, PeerCertificate peer, string element, EnvoyRelease release) => matcher.SanType switch
    {
        SanType.Uri => peer.Uris.Any(uri => StringMatch.Matches(matcher.Matcher, ByteText.Of(uri), release)),
        SanType.Dns when matcher.Matcher.MatchPatternCase == global::Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.Exact =>
            peer.DnsNames.Any(name => IsName(name, matcher.Matcher.Exact)),
        SanType.Dns => peer.DnsNames.Any(name => StringMatch.Matches(matcher.Matcher, ByteText.Of(name), release)),
        _ => throw new UndecidedException(element, $"names of type {matcher.SanType} are not known"),
    };

    // A certificate's *.example.com stands for one label.
    private static bool IsName(string pattern, string name)
        => string.Equals(pattern, name, StringComparison.OrdinalIgnoreCase)
            || (pattern.StartsWith("*.", StringComparison.Ordinal) && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
                && string.Equals(pattern[1..], name[dot..], StringComparison.OrdinalIgnoreCase));
}
