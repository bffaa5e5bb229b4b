using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>SMI TrafficTargets. Without sources or rules one is still used: it admits nobody, which is what it says.</summary>
internal static class TrafficTargetView
{
    private const string IdentityKind = "ServiceAccount";

    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(TrafficTargetModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        if (spec.Destination is null)
        {
            report.Missing("spec.destination", "Name the service account that is reached");
        }

        if (spec.Sources is null)
        {
            report.Missing("spec.sources", "List the service accounts that may come; without it nobody may", Severity.Warning);
        }

        if (spec.Rules is null)
        {
            report.Missing("spec.rules", "List the routes by which they may come; without it there are none", Severity.Warning);
        }

        return new TrafficTarget(metadata)
        {
            Destination = From(spec.Destination ?? new(), "spec.destination", report),
            Sources = (spec.Sources ?? []).Select((source, i) => From(source, $"spec.sources[{i}]", report)).ToEquatableArray(),
            Rules = (spec.Rules ?? []).Select((rule, i) => From(rule, $"spec.rules[{i}]", report)).ToEquatableArray(),
        };
    }

    private static IdentityReference From(IdentityModel model, string path, FieldReport report)
    {
        report.Has($"{path}.kind", model.Kind, $"Set it to {IdentityKind}");
        report.Has($"{path}.name", model.Name, "Name the service account");
        return new(
            report.OneOf($"{path}.kind", model.Kind, "", IdentityKind),
            report.DnsLabel($"{path}.namespace", model.Namespace),
            report.DnsSubdomain($"{path}.name", model.Name));
    }

    private static TrafficTargetRule From(TrafficTargetRuleModel model, string path, FieldReport report)
    {
        report.Has($"{path}.kind", model.Kind, "Set it to HTTPRouteGroup or TCPRoute");
        report.Has($"{path}.name", model.Name, "Name the route object");
        var kind = report.OneOf($"{path}.kind", model.Kind, "", "HTTPRouteGroup", "TCPRoute");
        if (kind == "TCPRoute" && model.Matches is { Count: > 0 })
        {
            report.Invalid($"{path}.matches", "A TCPRoute has no named matches", "Remove them, or refer to an HTTPRouteGroup");
        }

        return new(kind, model.Name ?? "", (model.Matches ?? []).ToEquatableArray());
    }
}
