namespace OsmExt.E2E.Delivery;

/// <summary>What Flagger's provider osm asks Prometheus, character by character but for spaces.</summary>
internal static class FlaggerQueries
{
    public static string SuccessRate(string target, string interval = "30s") => $$"""
        sum( rate( osm_request_total{ destination_namespace="{{Deployments.Namespace}}", destination_kind="Deployment", destination_name="{{target}}", response_code!~"5.*" }[{{interval}}] ) )
        / sum( rate( osm_request_total{ destination_namespace="{{Deployments.Namespace}}", destination_kind="Deployment", destination_name="{{target}}" }[{{interval}}] ) ) * 100
        """;

    public static string Duration(string target, string interval = "30s") => $$"""
        histogram_quantile( 0.99, sum( rate( osm_request_duration_ms_bucket{ destination_namespace="{{Deployments.Namespace}}", destination_kind="Deployment", destination_name="{{target}}" }[{{interval}}] ) ) by (le) )
        """;

    /// <summary>A query of integrations/flagger/metric-templates.yaml, filled in as Flagger does.</summary>
    public static string Template(string name, string target, string interval = "30s")
    {
        var file = File.ReadAllText(Path.Join(Checkout.Root, "integrations", "flagger", "metric-templates.yaml"));
        var document = file.Split("\n---\n").Single(text => text.Contains($"name: {name},", StringComparison.Ordinal));
        return document[(document.IndexOf("query: |", StringComparison.Ordinal) + "query: |".Length)..]
            .Replace("{{ namespace }}", Deployments.Namespace, StringComparison.Ordinal)
            .Replace("{{ target }}", target, StringComparison.Ordinal)
            .Replace("{{ interval }}", interval, StringComparison.Ordinal);
    }
}
