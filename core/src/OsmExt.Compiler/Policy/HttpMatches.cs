using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Turns the matches of an HTTPRouteGroup into conditions; a match with any unusable part admits nothing.</summary>
internal static class HttpMatches
{
    // The empty pattern means the empty value; Envoy takes no pattern without a character.
    private const string EmptyValue = "(?:)";

    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal)
    {
        "*", "GET", "HEAD", "PUT", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    };

    public static HttpRouteMatch? Of(HttpRouteGroup group, HttpMatch match, int index, DiagnosticBag diagnostics)
    {
        var field = $"spec.matches[{index}]";
        var path = match.PathRegex.Length == 0 ? ".*" : match.PathRegex;
        var usable = IsRegex(group, $"{field}.pathRegex", path, diagnostics);
        var methods = match.Methods.Where(method => method.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var method in methods.Where(method => !Methods.Contains(method)))
        {
            usable = false;
            diagnostics.Error(DiagnosticCodes.InvalidPolicy, group, $"{field}.methods",
                $"\"{method}\" is no method, so match {match.Name} admits nothing", "Use upper-case method names, or * for any");
        }

        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, pattern) in match.Headers)
        {
            usable &= IsHeaderName(group, field, name, diagnostics) & IsRegex(group, $"{field}.headers[{name}]", pattern, diagnostics);
            headers.Add(new(string.Equals(name, "host", StringComparison.OrdinalIgnoreCase) ? ":authority" : name.ToLowerInvariant(), pattern.Length == 0 ? EmptyValue : pattern));
        }

        return usable ? new(path, methods.Contains("*", StringComparer.Ordinal) ? [] : [.. methods], LabelSet.From(headers)) : null;
    }

    private static bool IsRegex(HttpRouteGroup group, string field, string pattern, DiagnosticBag diagnostics)
    {
        if (Re2.Check(pattern, BootstrapConfig.MaxRegexProgram) is not { } problem)
        {
            return true;
        }

        diagnostics.Error(DiagnosticCodes.InvalidRegex, group, field,
            $"\"{pattern}\" is not an RE2 pattern ({problem.Message}, at character {problem.Position + 1}), so the match admits nothing", "Write the pattern in RE2 syntax; it must match the whole value");
        return false;
    }

    private static bool IsHeaderName(HttpRouteGroup group, string field, string name, DiagnosticBag diagnostics)
    {
        if (name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal)))
        {
            return true;
        }

        diagnostics.Error(DiagnosticCodes.InvalidPolicy, group, $"{field}.headers",
            $"\"{name}\" is no header name, so the match admits nothing", "Use letters, digits and hyphens; write host for the authority");
        return false;
    }
}
