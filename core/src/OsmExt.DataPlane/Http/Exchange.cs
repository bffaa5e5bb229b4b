using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Observation;
using OsmExt.Simulation;
using OsmExt.Simulation.Http;
using HttpRequest = OsmExt.Simulation.Http.HttpRequest;

namespace OsmExt.DataPlane.Http;

/// <summary>A request on its way through the proxy, with its answer.</summary>
/// <param name="context">Both, as Kestrel has them.</param>
/// <param name="session">The connection.</param>
/// <param name="proxy">What was in force when it came.</param>
/// <param name="record">What it has come to.</param>
internal sealed class Exchange(HttpContext context, HttpSession session, ProxyConfiguration proxy, StreamRecord record)
{
    public HttpContext Context { get; } = context;

    public HttpSession Session { get; } = session;

    public HttpConnectionManager Manager => Session.Manager;

    public ProxyConfiguration Proxy { get; } = proxy;

    public StreamRecord Record { get; } = record;

    /// <summary>The request as decisions see it.</summary>
    public required HttpRequest Request { get; set; }

    /// <summary>The way it takes; null until one is chosen.</summary>
    public HttpWay? Way { get; set; }

    /// <summary>The route that gives the answer itself, whose changes it gets before those of filters; null where the answer comes from elsewhere.</summary>
    public PerFilterConfig? AnsweredBy { get; set; }

    /// <summary>Changes that filters want made to the answer, in order.</summary>
    public List<(HeaderValueOption? Append, string? Remove)> ResponseChanges { get; } = [];

    /// <summary>Takes over what has been changed in the request's headers.</summary>
    public void ReadHeadersAgain() => Request = Request with { Headers = RequestReader.Headers(Context.Request.Headers) };
}
