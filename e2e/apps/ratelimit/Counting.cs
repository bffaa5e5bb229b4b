using System.Collections.Concurrent;
using Envoy.Extensions.Common.Ratelimit.V3;
using Envoy.Service.Ratelimit.V3;
using Grpc.Core;
using Code = Envoy.Service.Ratelimit.V3.RateLimitResponse.Types.Code;

namespace OsmExt.Demo.RateLimits;

/// <summary>Envoy's rate limit protocol: a request is over the limit when one of its descriptors is.</summary>
internal sealed class Counting(Limits limits) : RateLimitService.RateLimitServiceBase
{
    private readonly ConcurrentDictionary<string, uint> _counts = new(StringComparer.Ordinal);

    public override Task<RateLimitResponse> ShouldRateLimit(RateLimitRequest request, ServerCallContext context)
    {
        var response = new RateLimitResponse { OverallCode = Code.Ok };
        foreach (var descriptor in request.Descriptors)
        {
            var status = Count(request.Domain, descriptor);
            response.Statuses.Add(status);
            response.OverallCode = status.Code == Code.OverLimit ? Code.OverLimit : response.OverallCode;
        }

        return Task.FromResult(response);
    }

    private RateLimitResponse.Types.DescriptorStatus Count(string domain, RateLimitDescriptor descriptor)
    {
        if (limits.For(descriptor.Entries.Select(entry => entry.Key)) is not { } limit)
        {
            return new() { Code = Code.Ok };
        }

        var count = _counts.AddOrUpdate($"{domain}\n{string.Join('\n', descriptor.Entries.Select(entry => $"{entry.Key}={entry.Value}"))}", 1, (_, before) => before + 1);
        return new()
        {
            Code = count > limit ? Code.OverLimit : Code.Ok,
            CurrentLimit = new() { RequestsPerUnit = limit, Unit = RateLimitResponse.Types.RateLimit.Types.Unit.Hour },
            LimitRemaining = count > limit ? 0 : limit - count,
        };
    }
}
