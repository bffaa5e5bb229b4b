using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy;

/// <summary>The services of a namespace with the addresses they really have, and a look-up by name.</summary>
internal sealed class SettledServices
{
    private SettledServices(MeshService[] all) => (All, Backends) = (all, new(all));

    public MeshService[] All { get; }

    public SplitBackends Backends { get; }

    public static SettledServices Of(Input input, SettledServices? before)
        => Interned.Services([.. TcpAddressClaims.Settle(input.Services, input.Losses)], before?.All) is var all && ReferenceEquals(all, before?.All) ? before : new(all);

    /// <summary>All that they are made from: the services as they are, and what they lose.</summary>
    internal readonly record struct Input(MeshService[] Services, EquatableArray<AddressLoss> Losses);
}
