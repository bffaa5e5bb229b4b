using System.Runtime.CompilerServices;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>Certificates, and whom to believe. An empty list of names would make Envoy believe anybody, so it never stays empty.</summary>
internal static class Secrets
{
    /// <summary>No certificate authority issues this: it is not a SPIFFE id. It stands for "nobody".</summary>
    public const string Nobody = "urn:osm:nobody";

    public static XdsResource Certificate(WorkloadCertificate certificate)
    {
        var secret = new Secret
        {
            Name = Names.ServiceCertificate(certificate.Identity),
            TlsCertificate = new()
            {
                CertificateChain = new() { InlineString = certificate.ChainPem },
                PrivateKey = new() { InlineBytes = UnsafeByteOperations.UnsafeWrap(certificate.PrivateKeyPem.Reveal()) },
            },
        };
        return XdsResource.Create(secret, secret.Name, version: certificate.Version);
    }

    /// <summary>Whom clients believe to be a service: the same for all of them, so made once. It goes when the service does.</summary>
    private static readonly ConditionalWeakTable<MeshService, Tuple<MeshService[], TrustBundle, TrustDomains, XdsResource>> Shared = [];

    public static IEnumerable<XdsResource> Trust(ScopeView view, TrustBundle bundle)
        => [
            .. view.Clusters.Trust(bundle, view.Settings.TrustDomains, OutboundTrust),
            .. InboundTrust(view, bundle).Select(secret => XdsResource.Create(secret, secret.Name)),
        ];

    private static XdsResource OutboundTrust(MeshService[] group, TrustBundle bundle, TrustDomains domains)
    {
        if (!Shared.TryGetValue(group[0], out var made) || made.Item2 != bundle || made.Item3 != domains || !made.Item1.AsSpan().SequenceEqual(group))
        {
            var identities = group.SelectMany(service => service.Identities).Distinct().Order().ToEquatableArray();
            var secret = Only(Names.OutboundTrust(group[0].Name), bundle, identities, domains);
            made = new(group, bundle, domains, XdsResource.Create(secret, secret.Name));
            Shared.AddOrUpdate(group[0], made);
        }

        return made.Item4;
    }

    private static IEnumerable<Secret> InboundTrust(ScopeView view, TrustBundle bundle)
    {
        foreach (var service in InboundListener.Accepting(view).Where(service => !service.Protocol.IsHttp()))
        {
            yield return view.Settings.Permissive
                ? AnyIdentity(Names.InboundTrust(service), bundle)
                : Only(Names.InboundTrust(service), bundle, Admitted(view, service), view.Settings.TrustDomains);
        }

        if (InboundListener.Accepting(view).Any(service => service.Protocol.IsHttp()) || view.Contributions.All.Any(item => item.Secrets.Contains(MeshSecrets.Roots)))
        {
            yield return AnyIdentity(Names.InboundTrust(view.Scope.Identity), bundle);
        }
    }

    private static EquatableArray<WorkloadIdentity> Admitted(ScopeView view, MeshService service)
        => [.. Rbac.Opening(service.TargetPort, view.Accepts).SelectMany(rule => rule.Sources).Distinct().Order()];

    private static Secret AnyIdentity(string name, TrustBundle bundle)
        => new() { Name = name, ValidationContext = new() { TrustedCa = new() { InlineString = bundle.Pem } } };

    private static Secret Only(string name, TrustBundle bundle, EquatableArray<WorkloadIdentity> identities, TrustDomains domains)
    {
        var secret = AnyIdentity(name, bundle);
        var names = identities.IsEmpty ? [Nobody] : identities.SelectMany(domains.NamesOf).Select(identity => identity.SpiffeId);
        secret.ValidationContext.MatchTypedSubjectAltNames.AddRange(names.Select(id => new SubjectAltNameMatcher
        {
            SanType = SubjectAltNameMatcher.Types.SanType.Uri,
            Matcher = new() { Exact = id },
        }));
        return secret;
    }
}
