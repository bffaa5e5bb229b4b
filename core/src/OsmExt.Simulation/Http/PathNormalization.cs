using System.Text;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using EscapedSlashes = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.PathWithEscapedSlashesAction;

namespace OsmExt.Simulation.Http;

/// <summary>What a connection manager does to a path before anything is decided on it.</summary>
internal static class PathNormalization
{
    private const string Unescaped = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
    private const string Kept = "!$&'()*+,/:;=@[]";

    /// <summary>The reply when the path is refused or sent back; null with the new path otherwise.</summary>
    public static Reply? Apply(HttpConnectionManager connection, ref HttpRequest request)
    {
        if (request.Path.Contains('#', StringComparison.Ordinal))
        {
            return Reply.Of(400, "the path has a fragment");
        }

        var question = request.Path.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? request.Path : request.Path[..question];
        var query = question < 0 ? "" : request.Path[question..];
        var redirect = false;
        var action = connection.PathWithEscapedSlashesAction;
        if (action is not (EscapedSlashes.ImplementationSpecificDefault or EscapedSlashes.KeepUnchanged) && HasEscapedSlash(path))
        {
            if (action == EscapedSlashes.RejectRequest)
            {
                return Reply.Of(400, "the path has an escaped slash");
            }

            redirect = action == EscapedSlashes.UnescapeAndRedirect;
            path = UnescapeSlashes(path);
        }

        if (connection.NormalizePath is true)
        {
            if (Canonical(request.Release.ResolvesDotSegmentsWithParameters ? WithoutParameters(path) : path) is not { } canonical)
            {
                return Reply.Of(400, "the path cannot be normalized");
            }

            path = canonical;
        }

        if (connection.MergeSlashes)
        {
            path = Merge(path);
        }

        request = request with { Path = path + query };
        return !redirect ? null
            : request.IsGrpc ? Reply.Of(400, "the path has an escaped slash, and gRPC clients follow no redirect")
            : Reply.Of(307, $"the path has an escaped slash; the client is sent to {ByteText.Show(request.Path)}");
    }

    private static bool HasEscapedSlash(string path)
        => path.Contains("%2f", StringComparison.OrdinalIgnoreCase) || path.Contains("%5c", StringComparison.OrdinalIgnoreCase);

    private static string UnescapeSlashes(string path)
        => path.Replace("%2f", "/", StringComparison.OrdinalIgnoreCase).Replace("%5c", @"\", StringComparison.OrdinalIgnoreCase);

    private static string WithoutParameters(string path)
        => path.Contains(".;", StringComparison.Ordinal)
            ? string.Join('/', path.Split('/').Select(segment => segment.StartsWith("..;", StringComparison.Ordinal)
                ? ".." : segment.StartsWith(".;", StringComparison.Ordinal) ? "." : segment))
            : path;

    private static string Merge(string path)
    {
        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return path;
        }

        var parts = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return $"{(path.StartsWith('/') ? "/" : "")}{parts}{(path.EndsWith('/') ? "/" : "")}";
    }

    /// <summary>
    /// Dot segments resolved (also when the dot is escaped), backslashes as slashes, harmless escapes undone, harmful bytes
    /// escaped; null when there is a zero byte.
    /// </summary>
    internal static string? Canonical(string path)
    {
        var output = new StringBuilder(path.Length);
        for (var at = 0; at < path.Length; at++)
        {
            var dot = DotLength(path, at);
            if (dot > 0)
            {
                at += output.Length > 0 && output[^1] == '/' ? Segment(path, at, dot, output) : Copy('.', dot - 1, output);
            }
            else if (path[at] == '\\')
            {
                output.Append('/');
            }
            else if (path[at] == '%' && Escaped(path, at) is { } value)
            {
                if (value == 0)
                {
                    return null;
                }

                _ = Unescaped.Contains((char)value, StringComparison.Ordinal) ? output.Append((char)value) : output.Append(path, at, 3);
                at += 2;
            }
            else if (path[at] == '%' || Unescaped.Contains(path[at], StringComparison.Ordinal) || Kept.Contains(path[at], StringComparison.Ordinal))
            {
                output.Append(path[at]);
            }
            else if (path[at] == 0)
            {
                return null;
            }
            else
            {
                output.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{(int)path[at]:X2}");
            }
        }

        return output.Length == 0 ? "/" : output.ToString();
    }

    // A dot after a slash: how much of the input it takes beyond its first character.
    private static int Segment(string path, int at, int dot, StringBuilder output)
    {
        var after = at + dot;
        if (after == path.Length)
        {
            return dot - 1;
        }

        if (path[after] is '/' or '\\')
        {
            return dot;
        }

        var second = DotLength(path, after);
        var end = after + second;
        if (second == 0 || (end < path.Length && path[end] is not ('/' or '\\')))
        {
            return Copy('.', dot - 1, output);
        }

        if (output.Length > 1)
        {
            var slash = output.Length - 2;
            while (slash > 0 && output[slash] != '/')
            {
                slash--;
            }

            output.Length = slash + 1;
        }

        return dot + second - 1 + (end < path.Length ? 1 : 0);
    }

    private static int Copy(char c, int taken, StringBuilder output)
    {
        output.Append(c);
        return taken;
    }

    private static int DotLength(string path, int at)
        => at >= path.Length ? 0
            : path[at] == '.' ? 1
            : path[at] == '%' && at + 2 < path.Length && path[at + 1] == '2' && path[at + 2] is 'e' or 'E' ? 3 : 0;

    private static int? Escaped(string path, int at)
        => at + 2 < path.Length && char.IsAsciiHexDigit(path[at + 1]) && char.IsAsciiHexDigit(path[at + 2])
            ? Convert.ToInt32(path.Substring(at + 1, 2), 16)
            : null;
}
