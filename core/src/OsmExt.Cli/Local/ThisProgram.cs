namespace OsmExt.Cli.Local;

/// <summary>This program, to be started again.</summary>
internal static class ThisProgram
{
    /// <summary>The program and what comes before its arguments: started as "dotnet osm.dll", it is dotnet, and the assembly its first argument.</summary>
    public static (string Program, string[] First) Command
    {
        get
        {
            var program = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its own program.");
            return Path.GetFileNameWithoutExtension(program) == "dotnet" ? (program, [typeof(ThisProgram).Assembly.Location]) : (program, []);
        }
    }
}
