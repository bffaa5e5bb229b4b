namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>How Envoy's statistics are called in Prometheus's format.</summary>
internal static class StatNames
{
    /// <summary>Envoy's prefix, and only the letters that are allowed.</summary>
    public static string Prometheus(string name) => $"envoy_{Label(name)}";

    public static string Label(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (var at = 0; at < source.Length; at++)
        {
            target[at] = char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_' ? source[at] : '_';
        }
    });
}
