using System.Globalization;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.ExternalAuth;

/// <summary>
/// Turns ExternalAuthorizations, and <c>inboundExternalAuthorization</c> of the MeshConfig, into filters that ask an authorization server. A
/// policy that cannot be carried out lets nothing in; the server itself is never judged, so that it is not asked about being asked.
/// </summary>
public sealed class ExternalAuthPlugin : IPlugin
{
    private const string Check = "check";

    // A cluster that nobody contributes: who would have to ask it gets no answer.
    private const string Nobody = "external-auth|nobody";

    /// <inheritdoc/>
    public PluginOutput Contribute(PluginInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var findings = new List<Diagnostic>();
        var contributions = new List<Contribution>();
        var policies = Policy.All(input, findings);
        var judged = policies.Select(policy => (Policy: policy, Authorizer: Resolve(policy, input.Mesh, findings))).ToArray();
        var exempt = Exempt(judged.Select(entry => entry.Authorizer?.Service).OfType<MeshService>(), input.Mesh);
        var hasContext = policies.Any(policy => policy.Spec.Context.Count > 0);

        contributions.AddRange(exempt.Select(target => new Contribution(Check, target) { Model = Passes }));
        foreach (var (policy, authorizer) in judged)
        {
            if (exempt.FirstOrDefault(target => target.Service == policy.Target.Service && (policy.Target.Port ?? target.Port) == target.Port) is { Service: { } server } one)
            {
                findings.Add(new(DiagnosticCodes.MatchesNothing, Severity.Warning, policy.Origin, "spec.targetRef",
                    string.Create(CultureInfo.InvariantCulture, $"{server} is an authorization server at port {one.Port}, and requests to it there are not judged"), "Aim it at something else"));
            }

            if (!exempt.Contains(policy.Target))
            {
                contributions.Add(new(Check, policy.Target) { Model = Model(policy, authorizer), Origin = policy.Origin });
            }

            if (authorizer is not null)
            {
                contributions.Add(new("authorizer", ProxiesOf(policy.Target)) { Model = authorizer.Cluster(policy.Cluster), Origin = policy.Origin });
            }

            if (hasContext && authorizer is not null)
            {
                contributions.Add(new("context", policy.Target) { Model = ConfigValue.From(new { context = policy.Spec.Context }), Origin = policy.Origin });
            }
        }

        return new() { Contributions = [.. contributions], Diagnostics = [.. findings] };
    }

    private static ConfigValue Passes { get; } = ConfigValue.From(new
    {
        asks = false, passes = true, cluster = Nobody, statPrefix = "exempt", timeout = "1s", open = false, shadow = false, body = (object?)null,
    });

    private static Authorizer? Resolve(Policy policy, Mesh mesh, List<Diagnostic> findings)
    {
        if (policy.Spec.Disabled)
        {
            return null;
        }

        if (Authorizer.Find(policy.Spec.Backend, policy.Namespace, mesh, out var problem) is { } found)
        {
            return found;
        }

        findings.Add(new(DiagnosticCodes.DanglingReference, Severity.Error, policy.Origin, "spec.backend",
            policy.Origin is null ? $"inboundExternalAuthorization of the MeshConfig: {problem}, so no HTTP request is let in" : $"{problem}, so no request to {policy.Target} is let in",
            "Name a service of the mesh with its port (service), or a host and port outside of it"));
        return null;
    }

    // Whoever serves the server's port, by whatever name and port it is called.
    private static List<ContributionTarget> Exempt(IEnumerable<MeshService> servers, Mesh mesh)
        => [.. servers.SelectMany(server => mesh.Services.Where(service => service.Name == server.Name && service.TargetPort == server.TargetPort))
            .Select(service => new ContributionTarget { Service = service.Name, Port = service.Port }).Distinct().OrderBy(target => target.Service).ThenBy(target => target.Port)];

    private static ConfigValue Model(Policy policy, Authorizer? authorizer) => policy.Spec.Disabled ? Passes : ConfigValue.From(new
    {
        asks = authorizer is not null,
        passes = false,
        cluster = authorizer is null ? Nobody : policy.Cluster,
        authority = authorizer?.Authority,
        statPrefix = policy.StatPrefix,
        timeout = policy.Spec.Seconds,
        // A server that does not exist is a mistake, not an outage: nothing is let in by it.
        open = authorizer is not null && (policy.Spec.IsOpen || policy.Spec.Shadow),
        shadow = authorizer is not null && policy.Spec.Shadow,
        body = policy.Spec.Body,
    });

    // A cluster belongs to proxies; those of a service are found by its namespace.
    private static ContributionTarget ProxiesOf(ContributionTarget target)
        => target.Service is { } service ? new() { Namespace = service.Namespace } : target;
}
