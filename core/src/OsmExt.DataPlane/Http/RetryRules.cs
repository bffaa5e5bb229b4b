using System.Runtime.CompilerServices;
using Envoy.Config.Route.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation.Http;

namespace OsmExt.DataPlane.Http;

/// <summary>When a request is tried again.</summary>
internal sealed class RetryRules
{
    private static readonly TimeSpan OtherwiseBase = TimeSpan.FromMilliseconds(25);
    private static readonly ConditionalWeakTable<RetryPolicy, RetryRules> Known = [];
    private readonly RetryPolicy _policy;
    private readonly HashSet<string> _on;

    private RetryRules(RetryPolicy policy)
    {
        _policy = policy;
        _on = [.. policy.RetryOn.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        Retries = (int)(policy.NumRetries ?? 1);
    }

    public int Retries { get; }

    public TimeSpan? PerTry => _policy.PerTryTimeout?.ToTimeSpan() is { Ticks: > 0 } limit ? limit : null;

    /// <summary>The route's, else its virtual host's; null when there is nothing to try again for.</summary>
    public static RetryRules? Of(PerFilterConfig place)
        => (place.Route?.Route_?.RetryPolicy ?? place.Host?.RetryPolicy) is { RetryOn.Length: > 0 } policy ? Known.GetValue(policy, static said => new(said)) : null;

    public bool After(Failure failure) => failure switch
    {
        Failure.Connect => _on.Overlaps(["5xx", "gateway-error", "connect-failure", "reset", "reset-before-request"]),
        Failure.Reset => _on.Overlaps(["5xx", "gateway-error", "reset"]),
        Failure.PerTryTimeout => _on.Overlaps(["5xx", "gateway-error", "reset"]),
        // Envoy tries again what a full pool turned away, if resets are tried again.
        Failure.Overflow => _on.Overlaps(["5xx", "gateway-error", "reset"]),
        _ => false,
    };

    public bool After(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        return (status >= 500 && _on.Contains("5xx"))
            || (status is >= 502 and <= 504 && _on.Contains("gateway-error"))
            || (status == StatusCodes.Status409Conflict && _on.Contains("retriable-4xx"))
            || (_on.Contains("retriable-status-codes") && _policy.RetriableStatusCodes.Contains((uint)status))
            || (answer.Headers.TryGetValues("grpc-status", out var grpc) && NameOf(grpc.FirstOrDefault()) is { } name && _on.Contains(name));
    }

    /// <summary>How long to wait before the next attempt: longer each time, and drawn, so that not all come at once.</summary>
    public TimeSpan Pause(int retry, Chance chance)
    {
        var first = _policy.RetryBackOff?.BaseInterval?.ToTimeSpan() is { Ticks: > 0 } configured ? configured : OtherwiseBase;
        var most = _policy.RetryBackOff?.MaxInterval?.ToTimeSpan() is { Ticks: > 0 } limit ? limit : first * 10;
        var reach = TimeSpan.FromTicks(Math.Min((first * Math.Pow(2, Math.Min(retry - 1, 20))).Ticks, most.Ticks));
        return reach * chance.NextDouble();
    }

    private static string? NameOf(string? status) => status switch
    {
        "1" => "cancelled",
        "4" => "deadline-exceeded",
        "8" => "resource-exhausted",
        "13" => "internal",
        "14" => "unavailable",
        _ => null,
    };
}
