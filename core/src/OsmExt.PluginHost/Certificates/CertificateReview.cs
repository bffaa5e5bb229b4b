using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Certificates;

/// <summary>
/// Decides which of the certificates that plugins ask for are issued. A certificate is an identity, so what the operator has not allowed by name or pattern
/// is refused, and patterns never mean workloads of the mesh, whoever wrote them.
/// </summary>
internal sealed class CertificateReview(Mesh mesh, ResourceSnapshot snapshot, CompilerOptions options)
{
    private static readonly string[] Reserved = ["osm-ca-roots", "osm-ca-bundle"];

    private readonly MonitoredNamespaces _monitored = MonitoredNamespaces.Of(snapshot, options);
    private readonly HashSet<string> _namespaces = [.. snapshot.All<Namespace>().Select(ns => ns.Metadata.Name), .. snapshot.All<Pod>().Select(pod => pod.Metadata.Namespace)];
    private readonly Dictionary<ObjectName, string> _taken = Own(snapshot, options);

    /// <summary>What is to be issued, and what is wrong with the rest; to be asked in the order in which requests count.</summary>
    public (OutsiderCertificate? Certificate, Diagnostic? Finding) Of(string plugin, CertificateRequest request, CertificateGrant grant)
    {
        var subject = request.Origin ?? PlacedContribution.PluginKey(plugin);
        if ((Malformed(request) ?? NotAllowed(plugin, request, grant)) is var (field, message, advice))
        {
            return (null, new(DiagnosticCodes.CertificateRefused, Severity.Error, subject, "", $"Plugin {plugin}, {request.Slot}: {(field.Length > 0 ? $"{field}: " : "")}{message}", advice));
        }

        if (!_taken.TryAdd(request.Secret, $"{subject} has it"))
        {
            return (null, new(DiagnosticCodes.ContributionConflict, Severity.Error, subject, "", $"Plugin {plugin}, {request.Slot}: Secret {request.Secret} is not free: {_taken[request.Secret]}", "Name another Secret"));
        }

        var identity = request.ServiceAccount is { } account ? new WorkloadIdentity(options.TrustDomain, account.Namespace, account.Name)
            : request.Outside.Length > 0 ? new WorkloadIdentity(options.TrustDomain, CertificateRequest.OutsideNamespace, request.Outside) : null;
        EquatableArray<CertificateUsage> usages = request.RootsOnly ? [] : request.Usages.IsEmpty ? [CertificateUsage.Client, CertificateUsage.Server] : request.Usages;
        return (new(request.Secret, identity, request.DnsNames, usages, ValidityOf(request)) { Plugin = plugin, Origin = request.Origin }, null);
    }

    private TimeSpan ValidityOf(CertificateRequest request) => request.Validity ?? mesh.Settings.CertificateValidity;

    private static (string Field, string Message, string Advice)? Malformed(CertificateRequest request)
    {
        var isNamed = request.ServiceAccount is not null || request.Outside.Length > 0 || !request.DnsNames.IsEmpty;
        if (Names(request).FirstOrDefault(entry => !RequestReader.IsName(entry.Name)) is { Field: { } field, Name: var bad })
        {
            return (field, $"\"{bad}\" is no name that a certificate or a Secret can have", "Use lower-case letters, digits, dashes, and dots between them");
        }

        if (request.Outside.Contains('.', StringComparison.Ordinal))
        {
            return ("outside", $"\"{request.Outside}\" is more than one word", "Use lower-case letters, digits and dashes");
        }

        if (request.RootsOnly && isNamed)
        {
            return ("rootsOnly", "The roots alone name nobody", "Leave out serviceAccount, outside and dnsNames, or rootsOnly");
        }

        if (!request.RootsOnly && !isNamed)
        {
            return ("", "It names nobody", "Write serviceAccount, outside or dnsNames; or rootsOnly: true");
        }

        return request.ServiceAccount is not null && request.Outside.Length > 0 ? ("outside", "A certificate proves one identity", "Write serviceAccount or outside") : null;
    }

    private static IEnumerable<(string Field, string Name)> Names(CertificateRequest request)
    {
        yield return ("secret", request.Secret.Namespace);
        yield return ("secret", request.Secret.Name);
        if (request.ServiceAccount is { } account)
        {
            yield return ("serviceAccount", account.Namespace);
            yield return ("serviceAccount", account.Name);
        }

        if (request.Outside.Length > 0)
        {
            yield return ("outside", request.Outside);
        }

        foreach (var name in request.DnsNames)
        {
            yield return ("dnsNames", name);
        }
    }

    private (string Field, string Message, string Advice)? NotAllowed(string plugin, CertificateRequest request, CertificateGrant grant)
    {
        var place = $"plugins.{plugin}.certificates";
        if (!CertificateGrant.Allows(grant.Secrets, $"{request.Secret}"))
        {
            return ("secret", $"The operator has not allowed {request.Secret}", $"Add it to {place}.secrets in the policy file");
        }

        if (request.ServiceAccount is { } account)
        {
            // Whoever holds it is that workload to everybody in the mesh.
            var isMeshs = _monitored[account.Namespace] is not null || string.Equals(account.Namespace, options.OsmNamespace, StringComparison.Ordinal);
            if (isMeshs ? !grant.ServiceAccounts.Contains($"{account}", StringComparer.Ordinal) : !CertificateGrant.Allows(grant.ServiceAccounts, $"{account}"))
            {
                return ("serviceAccount", $"The operator has not allowed the identity of {account}{(isMeshs ? ", which is a workload's of the mesh" : "")}",
                    $"Add {account}{(isMeshs ? " itself, without a star," : "")} to {place}.serviceAccounts in the policy file");
            }
        }

        if (request.Outside.Length > 0 && !CertificateGrant.Allows(grant.Outside, request.Outside))
        {
            return ("outside", $"The operator has not allowed {request.Outside}", $"Add it to {place}.outside in the policy file");
        }

        if ((request.Outside.Length > 0 || request.ServiceAccount?.Namespace == CertificateRequest.OutsideNamespace) && _namespaces.Contains(CertificateRequest.OutsideNamespace))
        {
            return ("outside", $"There is a namespace {CertificateRequest.OutsideNamespace}, whose workloads would have the same identity", "Remove the namespace");
        }

        foreach (var name in request.DnsNames)
        {
            if (!CertificateGrant.Allows(grant.DnsNames, name))
            {
                return ("dnsNames", $"The operator has not allowed {name}", $"Add it to {place}.dnsNames in the policy file");
            }

            if (mesh.Settings.TrustDomains.Accepted.Append(options.TrustDomain).Any(domain => IsMeshs(name, domain)))
            {
                return ("dnsNames", $"{name} is how the mesh itself calls somebody", "Use a name that does not end with a namespace of the mesh and its trust domain");
            }
        }

        return !request.RootsOnly && ValidityOf(request) > grant.LongestValidity
            ? ("validity", $"{ValidityOf(request)} is longer than {grant.LongestValidity}, which the operator allows", $"Ask for less, or change {place}.longestValidity in the policy file")
            : null;
    }

    // SERVICE-ACCOUNT.NAMESPACE.TRUST-DOMAIN are workloads, NAME.TRUST-DOMAIN is the control plane.
    private bool IsMeshs(string name, string domain)
    {
        if (!name.EndsWith($".{domain}", StringComparison.Ordinal))
        {
            return string.Equals(name, domain, StringComparison.Ordinal);
        }

        var labels = name[..^(domain.Length + 1)].Split('.');
        return labels.Length == 1 || _monitored[labels[^1]] is not null || labels[^1] == CertificateRequest.OutsideNamespace || string.Equals(labels[^1], options.OsmNamespace, StringComparison.Ordinal);
    }

    private static Dictionary<ObjectName, string> Own(ResourceSnapshot snapshot, CompilerOptions options)
    {
        var own = Reserved.ToDictionary(name => new ObjectName(options.OsmNamespace, name), _ => "it is the mesh's own");
        if (snapshot.Find<MeshConfig>(new(nameof(MeshConfig), options.OsmNamespace, MeshConfig.WellKnownName))?.IngressGateway is { } gateway)
        {
            own[new(gateway.SecretNamespace, gateway.SecretName)] = "the MeshConfig has its gateway's certificate there";
        }

        return own;
    }
}
