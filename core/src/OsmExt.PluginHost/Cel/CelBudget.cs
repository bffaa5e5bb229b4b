namespace OsmExt.PluginHost.Cel;

/// <summary>The steps that all rules about one object may take together.</summary>
internal sealed class CelBudget
{
    public const int MaxSteps = 100_000;
    private long _steps;

    /// <exception cref="CelException">There are none left, whatever else would decide.</exception>
    public void Take(long work)
    {
        _steps += work;
        if (_steps > MaxSteps)
        {
            throw new CelException($"The rules take more than {MaxSteps} steps for this object") { IsFinal = true };
        }
    }
}
