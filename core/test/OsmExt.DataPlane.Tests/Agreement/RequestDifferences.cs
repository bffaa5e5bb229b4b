using System.Text.RegularExpressions;
using OsmExt.Simulation.Tests.Agreement;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Where the data plane answers otherwise than Envoy, each with its reason; core/docs/data-plane.md has the same list.</summary>
internal static partial class RequestDifferences
{
    /// <summary>The name of the difference; null where there is no reason for one.</summary>
    public static string? Named(RawRequest request, RawAnswer expected, RawAnswer got) => got switch
    {
        // Over HTTP/2 a stream is reset by one where the other answers that it is no request.
        { Status: 400 } when expected.Status == 0 => "refused, not reset",
        { Status: 0 } when !HostName().IsMatch(request.Host) || request.Target.Contains("%00", StringComparison.Ordinal) => "odd host or escaped zero reset",
        // Envoy asks for the host first, the data plane who may come in, or the other way round: refused by both.
        { Status: 403 or 404 or 405 } when expected.Status is 0 or 400 => "refused, other status",
        // Kestrel takes no bytes beyond ASCII in a target over HTTP/2.
        { Status: 400 } when request.Target.Any(character => character > 127) => "target beyond ASCII refused",
        // Kestrel takes names of hosts only with the characters that such names have, and a port only in digits.
        { Status: 400 } when !HostName().IsMatch(request.Host) => "odd host refused",
        // It takes the scheme of an absolute target in small letters alone.
        { Status: 400 } when request.Target.StartsWith("HTTP://", StringComparison.Ordinal) => "scheme in capitals refused",
        // It takes no target with a zero in it, whichever way that is written.
        { Status: 400 } when request.Target.Contains("%00", StringComparison.Ordinal) => "escaped zero refused",
        // Refused by both: Kestrel says that the method has no such target, Envoy that the target is none.
        { Status: 405 } when !request.Target.StartsWith('/') => "no target, other status",
        _ => null,
    };

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.]+\]|[-._~a-zA-Z0-9]+)(:[0-9]+)?$")]
    private static partial Regex HostName();
}
