using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>SMI TrafficSplits.</summary>
internal static class TrafficSplitView
{
    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(TrafficSplitModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        report.Has("spec.service", spec.Service, "Name the service whose requests are split");
        if (spec.Backends is null)
        {
            report.Missing("spec.backends", "List the services that share the requests");
        }

        return new TrafficSplit(metadata)
        {
            Service = spec.Service ?? "",
            Backends = (spec.Backends ?? []).Select((backend, i) => From(backend, $"spec.backends[{i}]", report)).ToEquatableArray(),
            Matches = (spec.Matches ?? []).Select((match, i) => From(match, $"spec.matches[{i}]", report)).ToEquatableArray(),
        };
    }

    private static SplitBackend From(SplitBackendModel model, string path, FieldReport report)
    {
        report.Has($"{path}.service", model.Service, "Name a service in the split's namespace");
        if (model.Weight is null)
        {
            report.Missing($"{path}.weight", "Give the backend's share; 0 sends it nothing");
        }

        return new(model.Service ?? "", report.InRange($"{path}.weight", model.Weight, 0, int.MaxValue) ?? 0);
    }

    private static string From(SplitMatchModel model, string path, FieldReport report)
    {
        report.Has($"{path}.kind", model.Kind, "Set it to HTTPRouteGroup");
        report.OneOf($"{path}.kind", model.Kind, "", "HTTPRouteGroup");
        report.OneOf($"{path}.apiGroup", model.ApiGroup, "", "specs.smi-spec.io", "specs.smi-spec.io/v1alpha4");
        report.Has($"{path}.name", model.Name, "Name the HTTPRouteGroup");
        return model.Name ?? "";
    }
}
