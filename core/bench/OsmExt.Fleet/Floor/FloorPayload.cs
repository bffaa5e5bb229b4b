using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Fleet.Floor;

/// <summary>A delta response of a given size, with one endpoint set that means nothing.</summary>
internal static class FloorPayload
{
    public static byte[] Of(int size)
    {
        var filling = Math.Max(0, size - Encode(0).Length);
        var encoded = Encode(filling);
        // Lengths of lengths.
        return encoded.Length > size && filling > 0 ? Encode(Math.Max(0, filling - (encoded.Length - size))) : encoded;
    }

    private static byte[] Encode(int filling) => new DeltaDiscoveryResponse
    {
        TypeUrl = TypeUrls.Endpoint,
        Nonce = "floor",
        Resources = { new Resource { Name = "floor", Version = "1", Resource_ = new Any { TypeUrl = TypeUrls.Endpoint, Value = ByteString.CopyFrom(new byte[filling]) } } },
    }.ToByteArray();
}
