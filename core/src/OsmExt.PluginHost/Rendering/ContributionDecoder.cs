using System.Text.RegularExpressions;
using Envoy.Config.Accesslog.V3;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Metrics.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Rendering;

/// <summary>Turns text that a plugin made into a message of Envoy's, and refuses whatever Envoy, or the operator, would.</summary>
internal sealed partial class ContributionDecoder(PluginManifest manifest, ContributionSlot slot, ResourceKey? origin, string file)
{
    /// <summary>The message; or what is wrong, with the template's lines.</summary>
    public (IMessage? Message, IReadOnlyList<Diagnostic> Problems) Decode(RenderedText rendered)
    {
        var read = EnvoyReader.Read(rendered.Text, TypeOf(slot.Point));
        if (read.Message is not { } message)
        {
            return (null, [.. read.Problems.Select(problem => Refuse(problem.Path, problem.Message,
                problem.Suggestion is { } meant ? $"Did you mean \"{meant}\"" : "Mend the template", rendered.TemplateLineOf(problem.Position.Line)))]);
        }

        if (slot.Point == ContributionPoint.Route)
        {
            var written = (VirtualHost)message;
            if (RouteRules.Problem(written, manifest.Id) is { } refused)
            {
                return (null, [Refuse(refused.Field, refused.Problem, refused.Advice, rendered.TemplateLineOf(LineOf(rendered.Text, refused.Field)))]);
            }

            // Routes are checked as those of a host; which host that is, is the mesh's to say.
            written.Name = $"{manifest.Id}|{slot.Name}";
            written.Domains.Add("*");
        }

        var violations = EnvoyRules.Check(message, BootstrapConfig.MaxRegexProgram);
        if (violations.Count > 0)
        {
            return (null, [.. violations.Select(violation => Refuse(violation.Path, violation.Message, "Envoy would refuse it; mend the template or the object",
                rendered.TemplateLineOf(LineOf(rendered.Text, violation.Path))))]);
        }

        if (SecretReference.Written(message) is { Count: > 0 } secrets)
        {
            if (ForbiddenSecret(secrets) is { } unknown)
            {
                return (null, [unknown]);
            }

            SecretReference.Resolve(message, origin!.Value.Namespace);
        }

        return Forbidden(message) is { } forbidden ? (null, [forbidden]) : (message, []);
    }

    public Diagnostic Refuse(string field, string message, string advice, int line = 0)
        => new(DiagnosticCodes.ContributionRefused, Severity.Error, origin ?? PlacedContribution.PluginKey(manifest.Id), field,
            $"Plugin {manifest.Id}, {slot.Name}: {message}", advice, line > 0 ? new SourceLocation(file, line) : null);

    private static MessageDescriptor TypeOf(ContributionPoint point) => point switch
    {
        ContributionPoint.AccessLog => AccessLog.Descriptor,
        ContributionPoint.Tracing => HttpConnectionManager.Types.Tracing.Descriptor,
        ContributionPoint.Cluster => Cluster.Descriptor,
        ContributionPoint.Listener => Listener.Descriptor,
        ContributionPoint.FilterChain => FilterChain.Descriptor,
        ContributionPoint.VirtualHost or ContributionPoint.Route => VirtualHost.Descriptor,
        ContributionPoint.Bootstrap => Bootstrap.Descriptor,
        ContributionPoint.StatsTag => TagSpecifier.Descriptor,
        ContributionPoint.Patch or ContributionPoint.Weights => Struct.Descriptor,
        _ => Any.Descriptor,
    };

    private Diagnostic? Forbidden(IMessage message)
    {
        if (slot.Point == ContributionPoint.Patch)
        {
            return ForbiddenPatch((Struct)message);
        }

        if (slot.Point == ContributionPoint.Weights)
        {
            return BackendWeights.Read((Struct)message) is { Problem: { Length: > 0 } problem } refused ? Refuse(refused.Field, problem, "Mend the template or the object") : null;
        }

        if ((message is Bootstrap bootstrap ? BootstrapRules.Problem(bootstrap, manifest.Id, manifest.Capabilities) : message is TagSpecifier tag ? BootstrapRules.Problem(tag) : null) is { } start)
        {
            return Refuse(start.Field, start.Problem, start.Advice);
        }

        var prefix = $"{manifest.Id}|";
        if (slot.Point is ContributionPoint.Cluster or ContributionPoint.Listener or ContributionPoint.FilterChain or ContributionPoint.VirtualHost
            && !ContributedResources.NameOf(message).StartsWith(prefix, StringComparison.Ordinal))
        {
            return Refuse("name", $"The name \"{ContributedResources.NameOf(message)}\" does not begin with \"{prefix}\"", "Names of other beginnings belong to the mesh and to other plugins");
        }

        if (message is Listener { BindToPort: false })
        {
            return Refuse("bind_to_port", "A listener that binds no port takes connections that leave the pod, which are the mesh's", "Let it listen on a port, or contribute a filter-chain for outbound connections");
        }

        if (message is FilterChain chain && ForbiddenMatch(chain.FilterChainMatch) is { } match)
        {
            return match;
        }

        if (MeshSecrets.Refusal(MeshSecrets.In(message), manifest.Capabilities) is { } secret)
        {
            return Refuse("common_tls_context", secret.Problem, secret.Advice);
        }

        if (message is VirtualHost host && HostFilters(host).FirstOrDefault(name => !name.StartsWith($"{manifest.Id}.", StringComparison.Ordinal)) is { } filter)
        {
            return Refuse("typed_per_filter_config", $"\"{filter}\" is not a filter of this plugin", $"Configure filters of its own, which are called {manifest.Id}.SLOT");
        }

        if (message is Cluster { EdsClusterConfig: var endpoints } cluster && ContributedClusters.LeadsToMesh(cluster)
            && (cluster.TransportSocket is not null || endpoints is not { ServiceName.Length: > 0, EdsConfig: null }))
        {
            return Refuse("eds_cluster_config", "A cluster of type EDS leads to a service of the mesh, which says where that is and how TLS is spoken with it",
                "Write eds_cluster_config: {service_name: ...} with the service's cluster (NAMESPACE/NAME|TARGET-PORT), without eds_config and transport_socket; or use another type");
        }

        if (!manifest.Capabilities.Contains(PluginCapability.WriteTls)
            && TypeUrlUse.Find(message).FirstOrDefault(use => use.TypeName.StartsWith(TlsSettings.Types, StringComparison.Ordinal)) is { } use)
        {
            return Refuse(use.Path, $"{use.TypeName} needs the capability write-tls", "Ask for it in plugin.yaml; the operator decides");
        }

        return null;
    }

    private Diagnostic? ForbiddenSecret(IReadOnlyList<string> names)
        => !manifest.Capabilities.Contains(PluginCapability.ReadSecrets) ? Refuse("sds_config", $"{names[0]} needs the capability read-secrets", "Ask for it in plugin.yaml; the operator decides")
            : origin is null ? Refuse("sds_config", $"{names[0]} is a Secret of an object's namespace, and there is no object", "Let the plugin say which object it is made from")
            : slot.Point is ContributionPoint.Bootstrap or ContributionPoint.Patch ? Refuse("sds_config", "Secrets are not for this point", "Use another point")
            : names.FirstOrDefault(name => !WellFormed().IsMatch(name)) is { } wrong ? Refuse("sds_config", $"\"{wrong}\" names no Secret", "Write secret:NAME, or secret:NAME/KEY for one of its values")
            : null;

    [GeneratedRegex(@"^secret:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(/[A-Za-z0-9._-]{1,253})?\z")]
    private static partial Regex WellFormed();

    private Diagnostic? ForbiddenPatch(Struct written)
    {
        var (patch, field, problem) = ResourcePatch.Read(written);
        return patch is null ? Refuse(field, problem, "Mend the template or the object") : null;
    }

    private Diagnostic? ForbiddenMatch(FilterChainMatch? match)
    {
        const string Field = "filter_chain_match";
        if (match is null || match.ApplicationProtocols.Contains(Names.InMeshAlpn))
        {
            return Refuse(Field, $"A chain has to say which connections it is for, and those of the mesh (application protocol {Names.InMeshAlpn}) are not a plugin's", "Match a port, or server names");
        }

        if (ChainMatches.Problem(match) is { } problem)
        {
            return Refuse(Field, problem, "Envoy would refuse it; mend the template or the object");
        }

        return slot.Direction == Direction.Outbound && (match.DestinationPort is not null || (match.PrefixRanges.Count == 0 && match.ServerNames.Count == 0))
            ? Refuse(Field, "An outbound chain is for the port of its target, and there for some addresses or server names", "Set prefix_ranges or server_names, and no destination_port")
            : null;
    }

    private static IEnumerable<string> HostFilters(VirtualHost host)
        => host.TypedPerFilterConfig.Keys.Concat(host.Routes.SelectMany(route => route.TypedPerFilterConfig.Keys));

    private static long LineOf(string text, string path)
        => YamlText.Read(text).Documents is [var document, ..] ? YamlPath.Nearest(document, path).Line : 1;
}
