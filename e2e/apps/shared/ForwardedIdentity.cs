namespace OsmExt.Demo;

/// <summary>Who called, as the server's own proxy verified it: the header it sets on every request it lets through.</summary>
/// <param name="Client">The caller's SPIFFE id; null when the request came around the proxy.</param>
/// <param name="Server">The SPIFFE id the proxy answered with.</param>
internal sealed record ForwardedIdentity(string? Client, string? Server)
{
    public const string RequestHeader = "x-forwarded-client-cert";

    /// <summary>Response headers that tell the client what the server's proxy saw.</summary>
    public const string ClientHeader = "x-demo-client-id";

    public const string ServerHeader = "x-demo-server-id";

    /// <summary>Reads <c>By=...;Hash=...;URI=...</c>. Of several elements the last is the nearest proxy's; values may be quoted.</summary>
    public static ForwardedIdentity Parse(string? header)
    {
        string? client = null, server = null;
        foreach (var field in Split(Split(header ?? "", ',')[^1], ';'))
        {
            var pair = field.Split('=', 2);
            var value = pair.Length == 2 ? pair[1].Trim('"') : null;
            client = pair[0].Trim().Equals("URI", StringComparison.OrdinalIgnoreCase) ? value : client;
            server = pair[0].Trim().Equals("By", StringComparison.OrdinalIgnoreCase) ? value : server;
        }

        return new(client, server);
    }

    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"' && (i == 0 || text[i - 1] != '\\');
            if (text[i] == separator && !quoted)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }
}
