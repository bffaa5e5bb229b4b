using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>SMI HTTPRouteGroups.</summary>
internal static class HttpRouteGroupView
{
    private static readonly string[] Methods = ["*", "GET", "HEAD", "PUT", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(HttpRouteGroupModel model, ResourceMetadata metadata, FieldReport report)
    {
        if (model.Spec?.Matches is null)
        {
            report.Missing("spec.matches", "List the matches; a group without any lets nothing through", Severity.Warning);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return new HttpRouteGroup(metadata)
        {
            Matches = (model.Spec?.Matches ?? []).Select((match, i) => From(match, names, $"spec.matches[{i}]", report)).ToEquatableArray(),
        };
    }

    private static HttpMatch From(HttpMatchModel model, HashSet<string> names, string path, FieldReport report)
    {
        if (report.Has($"{path}.name", model.Name, "Name the match; a TrafficTarget refers to it by name") && !names.Add(model.Name))
        {
            report.Invalid($"{path}.name", $"Two matches are called {YamlScalar.Quote(model.Name)}", "Give each match its own name");
        }

        return new(model.Name ?? "")
        {
            PathRegex = model.PathRegex ?? "",
            Methods = (model.Methods ?? []).Select((method, i) => report.OneOf($"{path}.methods[{i}]", method, "", Methods)).ToEquatableArray(),
            Headers = LabelSet.From(model.Headers),
        };
    }
}
