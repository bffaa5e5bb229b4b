using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Objects of plugins' kinds. All have one field in common, <c>targetRef</c>, so that every plugin's objects are aimed alike.</summary>
internal static class PluginResourceView
{
    private const string TargetField = "targetRef";

    private static readonly ConfigSchema Target = new(ConfigType.Object)
    {
        Properties =
        [
            new("kind", new(ConfigType.String) { Enum = ["Service", "ServiceAccount"] }, Required: true),
            new("name", new(ConfigType.String) { Minimum = 1, Maximum = 253 }, Required: true),
            new("port", new(ConfigType.Integer) { Minimum = 1, Maximum = 65535 }, Required: false),
        ],
    };

    public static ResourceKind KindOf(PluginKind kind) => new ResourceKind<PluginResourceModel>((model, metadata, report) => From(kind, model, metadata, report))
    {
        Group = kind.Group,
        Versions = [.. kind.Versions],
        Kind = kind.Kind,
        Reads = FieldSet.Of("spec"),
        Schema = kind.Schema with { Properties = [.. kind.Schema.Properties, new(TargetField, Target, Required: false)] },
    };

    private static PluginResource From(PluginKind kind, PluginResourceModel model, ResourceMetadata metadata, FieldReport report)
    {
        if (model.Spec is null)
        {
            report.Missing("spec", "Write it");
        }

        var spec = JsonNode.Parse((model.Spec ?? ConfigValue.Empty).ToString())!.AsObject();
        TargetReference? target = null;
        if (spec.Remove(TargetField, out var written) && written is not null)
        {
            target = ConfigValue.Of(written).As<TargetReference>();
            if (target is { Kind: not "Service", Port: not null })
            {
                report.Invalid($"spec.{TargetField}.port", "Only a service has ports", "Remove the field");
            }
        }

        return new(metadata, kind.Group, kind.Kind) { Spec = ConfigValue.Of(spec), TargetRef = target };
    }
}
