using System.Runtime.CompilerServices;
using Envoy.Type.V3;
using Google.Protobuf;

namespace OsmExt.DataPlane.Limits;

/// <summary>
/// The buckets of local rate limits. All connections of a proxy share the bucket of one filter; a limit that is delivered anew begins with
/// a full one.
/// </summary>
internal sealed class RateLimits(TimeProvider time)
{
    private readonly ConditionalWeakTable<IMessage, LimitBucket> _known = [];

    public LimitBucket Of(global::Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit limit) => Of(limit, limit.TokenBucket);

    public LimitBucket Of(global::Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit limit) => Of(limit, limit.TokenBucket);

    private LimitBucket Of(IMessage limit, TokenBucket? bucket) => _known.GetValue(limit, _ => new(bucket, time));
}
