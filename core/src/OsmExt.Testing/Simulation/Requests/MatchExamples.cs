using System.Collections.Immutable;
using OsmExt.Sdk.Ir;

namespace OsmExt.Testing.Simulation.Requests;

/// <summary>An HTTP request without its client and server.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path.</param>
/// <param name="Headers">The headers, <c>host</c> only where a condition asks for it.</param>
internal sealed record RequestExample(string Method, string Path, ImmutableArray<(string Name, string Value)> Headers)
{
    /// <summary>What everybody tries first.</summary>
    public static RequestExample Plain { get; } = new("GET", "/", []);

    /// <inheritdoc/>
    public override string ToString()
        => string.Concat(Headers.Select(header => $", {header.Name}: {header.Value}").Prepend($"{Method} {Path}"));
}

/// <summary>Requests that meet all conditions of a match, and requests that miss just one.</summary>
internal static class MatchExamples
{
    private const int Paths = 2;
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"];

    /// <param name="match">The conditions.</param>
    /// <param name="hosts">Hosts the request may be for, for a condition on that header.</param>
    public static IEnumerable<RequestExample> Of(HttpRouteMatch match, params IReadOnlyList<string> hosts)
    {
        var paths = PatternExamples.Inside(match.PathRegex, "/").Where(IsPath).Take(Paths).ToArray();
        var headers = match.Headers.Select(header => (header.Key, Value: Inside(header.Key, header.Value, hosts))).ToArray();
        if (paths.Length == 0 || headers.Any(header => header.Value is null))
        {
            yield break;
        }

        ImmutableArray<(string, string)> all = [.. headers.Select(header => (header.Key, header.Value!))];
        var method = match.Methods.IsEmpty ? "GET" : match.Methods[0];
        foreach (var path in paths)
        {
            yield return new(method, path, all);
        }

        foreach (var path in PatternExamples.Outside(match.PathRegex, paths[0]).Where(IsPath).Take(Paths))
        {
            yield return new(method, path, all);
        }

        foreach (var other in match.Methods.Skip(1).Concat(Methods.Except(match.Methods, StringComparer.Ordinal)
            .Where(candidate => candidate != method).Take(1)))
        {
            yield return new(other, paths[0], all);
        }

        foreach (var (name, pattern) in match.Headers)
        {
            var others = all.RemoveAll(header => header.Item1 == name);
            yield return new(method, paths[0], others);
            var inside = all.First(header => header.Item1 == name).Item2;
            if (name != "host" && PatternExamples.Outside(pattern, inside).FirstOrDefault(IsHeaderValue) is { } outside)
            {
                yield return new(method, paths[0], others.Add((name, outside)));
            }
        }
    }

    private static string? Inside(string name, string pattern, IReadOnlyList<string> hosts)
        => PatternExamples.Inside(pattern, name == "host" ? hosts : []).FirstOrDefault(IsHeaderValue);

    private static bool IsPath(string text) => text.StartsWith('/') && text.All(character => character is > ' ' and < '\x7f' and not '#' and not '?');

    private static bool IsHeaderValue(string text) => text.Trim() == text && text.All(character => character is >= ' ' and < '\x7f');
}
