using OsmExt.Sdk.Collections;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Objects of plugins' kinds. Most have two fields in common, <c>targetRef</c> and <c>lock</c>, so that every plugin's objects are aimed alike.</summary>
internal static class PluginResourceView
{
    private const string TargetField = "targetRef";
    private const string LockField = "lock";

    private static readonly ConfigSchema Target = new(ConfigType.Object)
    {
        Description = "Whom it is for; without it, its whole namespace, or the whole mesh when it is in the control plane's namespace.",
        Properties =
        [
            new("kind", new(ConfigType.String) { Enum = ["Service", "ServiceAccount", "Pod", TargetReference.Routes], Description = "What is meant." }, Required: true),
            new("name", Name("The name of what is meant; not for Pod.", 253), Required: false),
            new("namespace", Name("The namespace of what is meant, where a ReferenceGrant there allows it; the object's own when it is not set.", 63), Required: false),
            new("sectionName", Name("One match of the HTTPRouteGroup.", 253), Required: false),
            new("service", Name("Only requests to this service, of those that the HTTPRouteGroup matches.", 253), Required: false),
            new("labels", new(ConfigType.Object) { Values = new(ConfigType.String), Minimum = 1, Description = "The labels of the pods that are meant." }, Required: false),
            new("port", new(ConfigType.Integer) { Minimum = 1, Maximum = 65535, Description = "Only this port of the service." }, Required: false),
        ],
    };

    private static readonly ConfigSchema Lock = new(ConfigType.Boolean) { Description = "Let it count everywhere it is for, whatever more specific objects say." };

    public static ResourceKind KindOf(PluginKind kind) => new ResourceKind<PluginResourceModel>((model, metadata, report) => From(kind, model, metadata, report))
    {
        Group = kind.Group,
        Versions = [.. kind.Versions],
        Kind = kind.Kind,
        Reads = FieldSet.Of("spec"),
        Schema = version => Schema(kind, kind.SchemaOf(version)),
    };

    private static ConfigSchema Name(string description, long longest) => new(ConfigType.String) { Minimum = 1, Maximum = longest, Description = description };

    private static ConfigSchema Schema(PluginKind kind, ConfigSchema own)
        => kind.IsAimed ? own with { Properties = [.. own.Properties, new(TargetField, Target, Required: false), new(LockField, Lock, Required: false)] } : own;

    private static PluginResource From(PluginKind kind, PluginResourceModel model, ResourceMetadata metadata, FieldReport report)
    {
        if (model.Spec is null)
        {
            report.Missing("spec", "Write it");
        }

        var spec = JsonNode.Parse((model.Spec ?? ConfigValue.Empty).ToString())!.AsObject();
        var isLocked = kind.IsAimed && spec.Remove(LockField, out var locks) && (bool?)locks == true;
        TargetReference? target = null;
        if (spec.Remove(TargetField, out var written) && written is not null)
        {
            target = new((string)written["kind"]!, (string?)written["name"] ?? "", (int?)written["port"])
            {
                Namespace = (string?)written["namespace"] is { } ns && !string.Equals(ns, metadata.Namespace, StringComparison.Ordinal) ? ns : "",
                SectionName = (string?)written["sectionName"] ?? "",
                Service = (string?)written["service"] ?? "",
                Labels = LabelSet.From(written["labels"]?.AsObject().Select(label => KeyValuePair.Create(label.Key, (string)label.Value!))),
            };
            Check(target, report);
        }

        return new(metadata, kind.Group, kind.Kind) { Version = model.ApiVersion![(model.ApiVersion!.LastIndexOf('/') + 1)..], Spec = ConfigValue.Of(spec), TargetRef = target, IsLocked = isLocked };
    }

    private static void Check(TargetReference target, FieldReport report)
    {
        report.DnsLabel($"spec.{TargetField}.namespace", target.Namespace);
        var (isRoute, isAtService) = (target.Kind == TargetReference.Routes, target.Service.Length > 0);
        if (!isRoute && (isAtService || target.SectionName.Length > 0))
        {
            report.Invalid($"spec.{TargetField}.{(isAtService ? "service" : "sectionName")}", $"Only requests have it, and {target.Kind} means none", $"Write kind: {TargetReference.Routes}, or remove the field");
        }

        if (target is { Kind: not "Service", Port: not null } && !(isRoute && isAtService))
        {
            report.Invalid($"spec.{TargetField}.port", "Only a service has ports", "Remove the field");
        }

        if (target.Kind == "Pod" ? target is { Name.Length: > 0 } or { Labels.IsEmpty: true } : !target.Labels.IsEmpty)
        {
            report.Invalid($"spec.{TargetField}.labels", "Pods are meant by their labels, and nothing else is", "Write kind: Pod with labels and without a name, or remove labels");
        }

        if (target is { Kind: not "Pod", Name.Length: 0 })
        {
            report.Missing($"spec.{TargetField}.name", $"Name the {target.Kind}");
        }
    }
}
