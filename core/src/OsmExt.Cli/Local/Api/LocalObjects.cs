using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Plugins;
using OsmExt.Compiler;
using OsmExt.Kubernetes.Crds;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local.Api;

/// <summary>
/// What a local mesh's API server begins with, in place of an installed chart: the control plane's namespace, the kinds, and who judges their objects. Pods are run as they are
/// written, and their sidecars beside them, so nothing is injected.
/// </summary>
internal sealed class LocalObjects(ClusterKinds kinds, CompilerOptions mesh, PluginSet plugins)
{
    private const string Definitions = "apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Webhooks = "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private string WebhookName => $"osm-validator-mesh-{mesh.MeshName}";

    /// <summary>Makes it.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        await PutAsync("api/v1/namespaces", new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = mesh.OsmNamespace } }, cancellation).ConfigureAwait(false);
        var own = CustomKinds.All.Select(kind => CustomResourceDefinition.Of(kind, mesh.OsmNamespace)).Concat(PluginDefinitions.Of(plugins));
        foreach (var definition in own.Concat(Foreign.Select(kind => StandIn(kind.Group, kind.Kind, kind.Versions))))
        {
            await PutAsync(Definitions, definition, cancellation).ConfigureAwait(false);
        }

        await PutAsync(Webhooks, Judges(), cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until the control plane has said by which roots it is known; before that it cannot be asked.</summary>
    public async Task WaitAsync(TimeProvider time, CancellationToken cancellation)
    {
        string[] paths = [$"{Webhooks}/{WebhookName}", .. CustomKinds.All.Where(kind => kind.IsConverted).Select(kind => $"{Definitions}/{kind.FullName}")];
        foreach (var path in paths)
        {
            while (await kinds.ReadAsync(path, cancellation).ConfigureAwait(false) is not { } found || !IsKnown(found))
            {
                await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    // Kinds that the mesh reads and others define.
    private IEnumerable<(string Group, string Kind, IReadOnlyList<string> Versions)> Foreign =>
    [
        .. PluginDefinitions.Foreign(plugins).Select(kind => (kind.Group, kind.Kind, (IReadOnlyList<string>)[.. kind.Versions])),
        .. ResourceKinds.All.Where(kind => kind.Kind == nameof(ReferenceGrant)).Select(kind => (kind.Group, kind.Kind, (IReadOnlyList<string>)kind.Versions)),
    ];

    private static bool IsKnown(JsonNode found) => (found["webhooks"]?.AsArray().Select(webhook => webhook!["clientConfig"]) ?? [found["spec"]!["conversion"]!["webhook"]!["clientConfig"]])
        .All(client => ((string?)client!["caBundle"])?.Length > 0);

    private Task PutAsync(string path, JsonObject item, CancellationToken cancellation)
        => kinds.ApplyAsync($"{path}/{item["metadata"]!["name"]}", item.ToJsonString(), cancellation);

    // Whoever defines it would say what is in it.
    private static JsonObject StandIn(string group, string kind, IReadOnlyList<string> versions) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{CustomKind.PluralOf(kind)}.{group}", ["annotations"] = Approval(group) },
        ["spec"] = new JsonObject
        {
            ["group"] = group,
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["kind"] = kind, ["listKind"] = $"{kind}List", ["plural"] = CustomKind.PluralOf(kind), ["singular"] = kind.ToLowerInvariant() },
            ["versions"] = new JsonArray([.. versions.Select((version, i) => (JsonNode)new JsonObject
            {
                ["name"] = version, ["served"] = true, ["storage"] = i == 0, ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
            })]),
        },
    };

    // Groups of the Kubernetes project are not everybody's to define.
    private static JsonObject? Approval(string group)
        => group.EndsWith(".k8s.io", StringComparison.Ordinal) ? new() { ["api-approved.kubernetes.io"] = "unapproved, a local mesh's stand-in" } : null;

    // As in the chart: nothing of the mesh's policy is changed unseen, while its settings can be mended also when the control plane is away.
    private JsonObject Judges()
    {
        var (settings, policy) = (CustomKinds.All.Where(IsSetting).ToArray(), CustomKinds.All.Where(kind => !IsSetting(kind)).ToArray());
        var ofPlugins = plugins.Kinds.Where(kind => !kind.Schema.IgnoresUnknown).Select(kind => Rule(kind.Group, kind.Versions, CustomKind.PluralOf(kind.Kind))).ToArray();
        return new()
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = "ValidatingWebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = WebhookName },
            ["webhooks"] = new JsonArray(
                Judge("osm-validator.k8s.io", "Fail", [.. policy.Select(Rule), .. ofPlugins], new() { ["matchLabels"] = new JsonObject { ["openservicemesh.io/monitored-by"] = mesh.MeshName } }),
                Judge("osm-control-plane-validator.k8s.io", "Ignore", [.. settings.Select(Rule), .. ofPlugins.Select(rule => rule.DeepClone())], new() { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = mesh.OsmNamespace } })),
        };
    }

    private static bool IsSetting(CustomKind kind) => kind.Kind.Group == "config.openservicemesh.io";

    private JsonObject Judge(string name, string failurePolicy, JsonNode[] rules, JsonObject namespaces) => new()
    {
        ["name"] = name, ["admissionReviewVersions"] = new JsonArray("v1"), ["sideEffects"] = "None", ["failurePolicy"] = failurePolicy, ["matchPolicy"] = "Exact", ["timeoutSeconds"] = 10,
        ["clientConfig"] = new JsonObject { ["service"] = new JsonObject { ["name"] = "osm-validator", ["namespace"] = mesh.OsmNamespace, ["path"] = "/validate", ["port"] = 9090 } },
        ["rules"] = new JsonArray(rules),
        ["namespaceSelector"] = namespaces,
    };

    private static JsonObject Rule(CustomKind kind) => Rule(kind.Kind.Group, kind.Kind.Versions, kind.Plural);

    private static JsonObject Rule(string group, IEnumerable<string> versions, string plural) => new JsonObject
    {
        ["apiGroups"] = new JsonArray(group), ["apiVersions"] = new JsonArray([.. versions.Select(version => (JsonNode)version)]),
        ["operations"] = new JsonArray("CREATE", "UPDATE"), ["resources"] = new JsonArray(plural), ["scope"] = "Namespaced",
    };
}
