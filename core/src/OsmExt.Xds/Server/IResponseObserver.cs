using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>Told of every response that was written. Called while the stream waits, so it must be quick.</summary>
internal interface IResponseObserver
{
    void Written(ConnectedClient client, XdsResponse response);
}
