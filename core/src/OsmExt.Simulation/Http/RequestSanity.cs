using System.Buffers;
using System.Collections.Frozen;

namespace OsmExt.Simulation.Http;

/// <summary>What Envoy's HTTP/1.1 codec and connection manager refuse before they look at routes.</summary>
internal static class RequestSanity
{
    private static readonly FrozenSet<string> Methods = FrozenSet.ToFrozenSet(
    [
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE",
            "MSEARCH",
        "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE",
            "UNBIND",
        "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    ], StringComparer.Ordinal);

    private static readonly SearchValues<char> AuthorityBytes =
        SearchValues.Create("!$%&'()*+,-.0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~");

    /// <summary>The reply that refuses the request, or null. An absolute target becomes host and path.</summary>
    public static Reply? Check(ref HttpRequest request, bool anyMethod)
    {
        if (!anyMethod && !Methods.Contains(request.Method))
        {
            return Reply.Of(400, $"Envoy's HTTP/1.1 codec takes no method \"{ByteText.Show(request.Method)}\"; methods are upper case");
        }

        if (request.Method == "CONNECT")
        {
            throw new UndecidedException("method CONNECT", "tunnels are not followed");
        }

        if (request.Headers.FirstOrDefault(header => !IsName(header.Name)).Name is { } bad)
        {
            return Reply.Of(400, $"\"{ByteText.Show(bad)}\" is no name of a header");
        }

        if (!IsTarget(request.Path) || (request.Path[0] == '*' && request.Method != "OPTIONS"))
        {
            return Reply.Of(400, "the request target is not one that HTTP/1.1 allows");
        }

        if (request.Path[0] is not ('/' or '*'))
        {
            request = FromAbsolute(request);
            if (request.Authority.Length == 0)
            {
                return Reply.Of(400, "the request target is absolute and names no host");
            }
        }

        if (request.Authority.AsSpan().ContainsAnyExcept(AuthorityBytes))
        {
            return Reply.Of(400, "the host holds bytes that are not allowed there");
        }

        return null;
    }

    /// <summary>What the connection manager itself refuses.</summary>
    public static Reply? CheckPath(HttpRequest request) => request.Path[0] == '/' ? null : Reply.Of(404, "the path does not begin with a slash");

    private static bool IsTarget(string path)
        => path.Length > 0 && !path.AsSpan().ContainsAnyExceptInRange('!', '~')
            && (path[0] is '/' or '*' || path.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
                || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase));

    private static bool IsName(string name)
        => name.Length > 0 && name.AsSpan().IndexOfAnyExcept(NameBytes) < 0;

    private static readonly SearchValues<char> NameBytes =
        SearchValues.Create("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");

    private static HttpRequest FromAbsolute(HttpRequest request)
    {
        var start = request.Path.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = request.Path.AsSpan(start).IndexOfAny('/', '?', '#');
        var path = end < 0 ? "/" : request.Path[(start + end)..];
        return request with { Authority = end < 0 ? request.Path[start..] : request.Path[start..(start + end)], Path = path };
    }
}
